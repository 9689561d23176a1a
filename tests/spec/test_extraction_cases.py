"""Public responses are extracted into the Bundles their authors expect.

The cases are those of smart-forms (`../shared/data/fhir/extract`). Compared is everything a server
would store: the type of the Bundle, each entry's resource and request. Generated ids (fullUrls)
map one to one, entries may come in any order. Left out is what says who made a Bundle and when:
its id, meta and timestamp; what a template takes from `now()` need only be a moment.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.extraction.extract import Extraction, extract
from template_service.questionnaire.values import is_date_time
from tests.conftest import SHARED
from tests.spec.reading import nodes, values

Json = dict[str, Any]
Ids = dict[str, str]

FOLDER = SHARED / "data" / "fhir" / "extract"
CASES_FILE = FOLDER / "cases.json"
CASES: list[Json] = (
    json.loads(CASES_FILE.read_text(encoding="utf-8")) if CASES_FILE.is_file() else []
)
MADE_BY = ("id", "meta", "timestamp")
NOW = datetime(2026, 3, 31, 10, 30, tzinfo=UTC)
VALUE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-templateExtractValue"


def load(name: str) -> Json:
    found: Json = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def extracted(case: Json) -> Extraction:
    form = compile_questionnaire(load(case["questionnaire"]))
    return extract(form, load(case["response"]), now=NOW)


@pytest.fixture(params=CASES, ids=[case["questionnaire"] for case in CASES])
def case(request: pytest.FixtureRequest, shared: object) -> Json:
    assert len(CASES) == 4
    found: Json = request.param
    return found


def test_a_public_case_gives_the_bundle_its_authors_expect(case: Json) -> None:
    bundle = extracted(case).bundle

    found = [difference_of(load(name), bundle, case) for name in case["expected"]]

    assert "" in found, "\n".join(found)


def test_what_a_case_lacks_is_told_and_nothing_else(case: Json) -> None:
    problems = extracted(case).problems

    told = {(problem.severity, problem.expression, problem.message) for problem in problems}
    assert told == TOLD[case["questionnaire"]] | {IN_PROGRESS}


def difference_of(expected: Json, bundle: Json, case: Json) -> str:
    moments = frozenset(now_elements(load(case["questionnaire"])))
    return compare(expected, bundle, moments)


def now_elements(questionnaire: Json) -> Iterator[str]:
    """The elements whose template asks for `now()`."""
    for path, node in nodes(questionnaire["contained"]):
        if isinstance(node, dict) and values(node, VALUE) == ["now()"]:
            yield path.rpartition(".")[2].removeprefix("_")


def compare(expected: Json, bundle: Json, moments: frozenset[str] = frozenset()) -> str:
    """Where two transactions differ, or an empty text."""
    heads = [
        {name: each for name, each in one.items() if name not in (*MADE_BY, "entry")}
        for one in (expected, bundle)
    ]
    if heads[0] != heads[1]:
        return f"Bundle: expected {heads[0]}, found {heads[1]}"
    wanted, found = expected.get("entry", []), bundle.get("entry", [])
    if len(wanted) != len(found):
        return f"Bundle.entry: expected {len(wanted)}, found {len(found)}"
    if pairing(wanted, found, {}, moments) is not None:
        return ""
    return nearest(wanted, found, moments)


def pairing(wanted: list[Json], found: list[Json], ids: Ids, moments: frozenset[str]) -> Ids | None:
    """The mapping of ids under which every expected entry is there once, None for no mapping."""
    if not wanted:
        return ids
    for index, each in enumerate(found):
        mapped = dict(ids)
        if next(differences(wanted[0], each, "", mapped, moments), None) is None:
            rest = [*found[:index], *found[index + 1 :]]
            if (whole := pairing(wanted[1:], rest, mapped, moments)) is not None:
                return whole
    return None


def nearest(wanted: list[Json], found: list[Json], moments: frozenset[str]) -> str:
    """For each expected entry that none is like: where it differs from the one most like it."""
    lines = []
    for number, each in enumerate(wanted):
        ways = [list(differences(each, other, "", {}, moments)) for other in found]
        if all(ways):
            lines += [f"Bundle.entry[{number}]{line}" for line in min(ways, key=len)]
    return "\n".join(lines) or "No mapping of generated ids makes the references agree."


def differences(
    expected: Any, found: Any, path: str, ids: Ids, moments: frozenset[str]
) -> Iterator[str]:
    """Where two elements differ; `ids` grows by the generated ids that stand for each other."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name in dict.fromkeys((*expected, *found)):
            where = f"{path}.{name}"
            if name not in found or name not in expected:
                yield f"{where}: {'unexpected' if name in found else 'missing'}"
            else:
                yield from differences(expected[name], found[name], where, ids, moments)
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{path}: expected {len(expected)} elements, found {len(found)}"
        for index, (one, other) in enumerate(zip(expected, found, strict=False)):
            yield from differences(one, other, f"{path}[{index}]", ids, moments)
    elif not alike(expected, found, path, ids, moments):
        yield f"{path}: expected {expected!r}, found {found!r}"


def alike(expected: Any, found: Any, path: str, ids: Ids, moments: frozenset[str]) -> bool:
    if path.rpartition(".")[2] in moments:
        return is_date_time(str(expected)) and is_date_time(str(found))
    if isinstance(expected, str) and isinstance(found, str) and expected.startswith("urn:uuid:"):
        free = expected in ids or found not in ids.values()
        return free and found.startswith("urn:uuid:") and ids.setdefault(expected, found) == found
    return type(expected) is type(found) and bool(expected == found)


REASON = ".reasonReference[0].reference"
TEMPLATE_ID = (
    "The reference is to a template by its id, which no extracted resource has;"
    " extractAllocateId gives an id to refer to."
)
NOT_ASKED = "The answer was left out because the other answers do not ask for it."
# Every published response is still being answered.
IN_PROGRESS = (
    "warning",
    "QuestionnaireResponse.status",
    (
        "The response is in progress, and extraction is for what is completed: what was answered so"
        " far may change, and Observations made from it are preliminary."
    ),
)
TOLD: dict[str, set[tuple[str, str, str]]] = {
    # The third vaccine was given at no time anybody wrote down.
    "QImmunisation.json": {
        (
            "warning",
            "QuestionnaireResponse.item[0].item[5]",
            "The Immunization has no occurrence[x], which FHIR requires.",
        )
    },
    "QMedicalHistoryCurrentProblems.json": set(),
    "QRegularMedications.json": set(),
    # What the authors expect is not sound: R4 allows `#id` only for what is contained in the same
    # resource (references.html, "Contained Resources"), and the Condition is an entry of its own.
    "QSepsisRisk.json": {
        ("warning", f"Bundle.entry[{number}].resource{REASON}", TEMPLATE_ID) for number in (1, 2)
    }
    # A red flag takes the questions about amber ones away; two were answered before.
    | {
        ("information", f"QuestionnaireResponse.item[3].item[{number}].answer[0]", NOT_ASKED)
        for number in (0, 1)
    },
}


ENTRY: Callable[..., Json] = lambda url, **resource: {  # noqa: E731 - a table of two lines
    "fullUrl": url,
    "resource": resource,
}
A, B, X, Y = ("urn:uuid:a", "urn:uuid:b", "urn:uuid:x", "urn:uuid:y")


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        ([ENTRY(Y, of=X), ENTRY(X, name="one")], ""),
        ([ENTRY(Y, of=B), ENTRY(X, name="one")], "No mapping of generated ids"),
        ([ENTRY(Y, of=Y), ENTRY(X, name="one")], ".resource.of: expected"),
        ([ENTRY(X, of=X), ENTRY(X, name="one")], ".resource.of: expected"),
        ([ENTRY(X, name="two"), ENTRY(Y, of=X)], ".resource.name: expected 'one', found 'two'"),
        ([ENTRY(X, name="one"), ENTRY(Y, of=X, note=1)], ".resource.note: unexpected"),
        ([ENTRY(X, name="one"), ENTRY(Y)], ".resource.of: missing"),
        ([ENTRY(X, name="one")], "Bundle.entry: expected 2, found 1"),
    ],
)
def test_the_comparison_finds_what_differs(found: list[Json], difference: str) -> None:
    expected = {"type": "transaction", "entry": [ENTRY(A, name="one"), ENTRY(B, of=A)]}

    text = compare(expected, {"type": "transaction", "entry": found})

    assert text == "" if difference == "" else difference in text
