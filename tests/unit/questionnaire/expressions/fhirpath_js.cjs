// Evaluates a batch with fhirpath.js: {asked: [{expression, data, base, variables}], values} as JSON
// on standard input, where data and variables are places among the values; an array of {values} or
// {error} on standard output.
const modules = process.argv[2];
const fhirpath = require(`${modules}/fhirpath`);
const r4 = require(`${modules}/fhirpath/fhir-context/r4`);
// By its path: the package does not export its types.
const { FP_Decimal, FP_Quantity, FP_Type } = require(`${modules}/fhirpath/src/types.js`);

function plain(value) {
  if (value instanceof FP_Quantity) {
    return { value: Number(value.value), code: value.unit.replace(/'/g, "") };
  }
  if (value instanceof FP_Decimal || typeof value === "bigint") return Number(value.toString());
  return value instanceof FP_Type ? value.toString() : value;
}

// weight() and resolve() are promises there, even when nothing needs to be asked.
const options = { async: "always", resolveInternalTypes: false, traceFn: () => {} };
const read = new Map();

// Reading an expression takes longer than evaluating it.
function compiled(expression, base) {
  const key = JSON.stringify([expression, base]);
  const path = base ? { base, expression } : expression;
  if (!read.has(key)) read.set(key, fhirpath.compile(path, r4, options));
  return read.get(key);
}

async function run({ expression, data, base, variables }) {
  try {
    const found = await compiled(expression, base)(data, variables);
    return { values: found.map(plain) };
  } catch (error) {
    return { error: String(error.message || error) };
  }
}

async function all(text) {
  const { asked, values } = JSON.parse(text);
  const found = [];
  for (const { expression, data, base, variables } of asked) {
    const entries = Object.entries(variables).map(([name, place]) => [name, values[place]]);
    const given = { expression, data: values[data], base, variables: Object.fromEntries(entries) };
    found.push(await run(given));
  }
  process.stdout.write(JSON.stringify(found));
}

let text = "";
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", () => all(text));
