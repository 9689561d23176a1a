// Evaluates a batch with fhirpath.js: a JSON array of {expression, data, base, variables} on
// standard input, an array of {values} or {error} on standard output.
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

async function run({ expression, data, base, variables }) {
  try {
    const path = base ? { base, expression } : expression;
    // weight() and resolve() are promises there, even when nothing needs to be asked.
    const options = { async: "always", resolveInternalTypes: false, traceFn: () => {} };
    const found = await fhirpath.evaluate(data, path, variables, r4, options);
    return { values: found.map(plain) };
  } catch (error) {
    return { error: String(error.message || error) };
  }
}

async function all(text) {
  const found = [];
  for (const pair of JSON.parse(text)) found.push(await run(pair));
  process.stdout.write(JSON.stringify(found));
}

let text = "";
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", () => all(text));
