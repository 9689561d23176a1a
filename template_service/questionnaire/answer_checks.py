"""What is wrong with the answers of one item: each by itself, then all of them together."""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.answers import disclosures
from template_service.questionnaire.completeness import Add
from template_service.questionnaire.constraints import Constraints
from template_service.questionnaire.datatypes import wrong_in
from template_service.questionnaire.disclosing import unless_told
from template_service.questionnaire.form import Item, Option, Value
from template_service.questionnaire.head import (
    EXTENDED,
    check_elements,
    unknown_properties,
    unknown_property,
)
from template_service.questionnaire.problems import Finding, Path
from template_service.questionnaire.values import VALUE_KINDS, read_value

_STRUCTURES = {
    "valueCoding": "Coding",
    "valueQuantity": "Quantity",
    "valueReference": "Reference",
    "valueAttachment": "Attachment",
}
_BESIDE = frozenset(f"_{kind}" for kind in VALUE_KINDS - _STRUCTURES.keys())
"""What may stand beside, or instead of, a value that is a primitive: its id and extensions."""

_ANSWER_KEYS = EXTENDED | VALUE_KINDS | _BESIDE | {"item"}
_ELEMENTS = {
    **dict.fromkeys(("extension", "modifierExtension"), "Extension*"),
    **dict.fromkeys(("_linkId", "_definition", "_text", *_BESIDE), "Element"),
    "id": "string",
    "definition": "uri",
    "text": "string",
}
_WITHOUT_ANSWER = frozenset({"group", "display"})
_INSTEAD_OF_VALUE = _BESIDE | {"item", "extension"}
_COMMONEST = frozenset({"linkId", "answer", "item"})


def check_properties(
    node: Mapping[str, Any], known: frozenset[str], path: Path, link_id: str | None, add: Add
) -> None:
    """What is wrong with the properties of an item or an answer, beside its answers and items."""
    if not known.issuperset(node):
        for key in unknown_properties(node, known):
            add("error", "structure", path, link_id, unknown_property(key))
    if len(node) > 2 or not _COMMONEST.issuperset(node):
        for finding in check_elements(node, _ELEMENTS):
            place = (path, finding.element, None)
            add(finding.severity, finding.code, place, link_id, finding.message)


class AnswerChecks:
    """The checks of answers in one response; what is wrong goes to `add`.

    `contained` is the type of each contained resource by id, `finished` whether the response is.
    """

    __slots__ = ("add", "contained", "finished")

    def __init__(self, add: Add) -> None:
        self.add = add
        self.contained: Mapping[str, str] = {}
        self.finished = False

    def one(self, answer: Mapping[str, Any], item: Item, path: Path, given: list[Value]) -> None:
        """One answer of an item at its place; what can be read of it goes into `given`."""
        if len(answer) != 1:
            check_properties(answer, _ANSWER_KEYS, path, item.link_id, self.add)
            if len(VALUE_KINDS.intersection(answer)) > 1:
                message = "An answer has one value, not several."
                self.add("error", "structure", path, item.link_id, message)
        if not VALUE_KINDS.isdisjoint(answer) or not self._says_no_value(answer, item, path):
            self._value(answer, item, path, given)

    def _says_no_value(self, answer: Mapping[str, Any], item: Item, path: Path) -> bool:
        """Whether an answer without a value is one all the same (R4: answer.value[x] is 0..1).

        It may hold items, or say in an extension why there is no value.
        """
        if item.type in _WITHOUT_ANSWER or _INSTEAD_OF_VALUE.isdisjoint(answer):
            return False
        if len(answer) == 1:
            check_properties(answer, _ANSWER_KEYS, path, item.link_id, self.add)
        return True

    def _value(self, answer: Mapping[str, Any], item: Item, path: Path, given: list[Value]) -> None:
        value, finding = read_value(item, answer)
        if finding is not None:
            self._found(finding, path, item)
        if value is not None:
            given.append(value)
            if finding is None or finding.severity != "error":
                self._sound(answer, value, path, item)
            if item.constraints is not None:
                self._constrained(item.constraints, value, answer, path, item)
            if item.type == "reference":
                self._contains(answer.get("valueReference"), path, item)

    def _sound(self, answer: Mapping[str, Any], value: Value, path: Path, item: Item) -> None:
        """Whether an answer that is a structure is one of R4 in every part."""
        if type(value) is Option and answer == {"valueCoding": value.written}:
            # The option just as the questionnaire offers it.
            return
        for kind in _STRUCTURES.keys() & answer.keys():
            wrong = wrong_in(_STRUCTURES[kind], answer[kind])
            if wrong is not None:
                message = f"{kind}{wrong[0]}: {wrong[1]}"
                self.add("error", "structure", path, item.link_id, message)

    def _constrained(
        self,
        constraints: Constraints,
        value: Value,
        answer: Mapping[str, Any],
        path: Path,
        item: Item,
    ) -> None:
        """What the questionnaire demands of one answer beyond its type."""
        if constraints.value_set_is_nowhere and self.finished and "valueCoding" in answer:
            message = "The value set of the answers does not exist, so no answer can be of it."
            self.add("error", "not-found", path, item.link_id, message)
        for check in constraints.checks:
            finding = check(value, answer, self.contained)
            if finding is not None:
                self._found(finding, path, item)

    def _contains(self, given: Any, path: Path, item: Item) -> None:
        reference = given.get("reference") if isinstance(given, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#"):
            return
        # "#" alone is the response itself (R4 references.html, "Contained Resources").
        if reference != "#" and reference[1:] not in self.contained:
            message = "The reference names a contained resource that the response does not have."
            self.add("error", "not-found", path, item.link_id, message)

    def _found(self, finding: Finding, path: Path, item: Item) -> None:
        self.add(finding.severity, finding.code, path, item.link_id, finding.message)

    def together(self, item: Item, given: tuple[Value, ...], path: Path) -> None:
        """The answers of one item, looked at together."""
        if len(given) < 2:
            return
        if _chosen_twice(given):
            message = "The same option was chosen twice."
            self.add("warning", "duplicate", path, item.link_id, message)
        for code, message in _wrong_together(item, given):
            severity = unless_told(bool(disclosures(given)))
            self.add(severity, code, path, item.link_id, message)


def _wrong_together(item: Item, given: tuple[Value, ...]) -> Iterator[tuple[str, str]]:
    """What is wrong with several answers: FHIR issue-type and sentence."""
    if not item.repeats:
        yield "structure", "The item takes one answer only."
    elif len(set(given)) > 1 and any(type(each) is Option and each.exclusive for each in given):
        yield "invariant", "An option that excludes all others was chosen with another."
    most = None if item.constraints is None else item.constraints.max_occurs
    if most is not None and len(given) > most:
        yield "structure", f"At most {most} answers are allowed; take some out."
    if item.any_coding and _one_text_for_two(given):
        yield "code-invalid", "Two codes have the same text, so one of them is not what was chosen."


def _chosen_twice(given: tuple[Value, ...]) -> bool:
    options = [each for each in given if type(each) is Option]
    return len(set(options)) < len(options)


def _one_text_for_two(given: tuple[Value, ...]) -> bool:
    """Whether two codes of one system are shown alike.

    What is in a value set published elsewhere is not known, but nobody can choose between two
    answers that look the same.
    """
    shown_as = {
        (each.system, each.code): (each.system, each.display)
        for each in given
        if isinstance(each, Option) and each.display
    }
    return len(set(shown_as.values())) < len(shown_as)
