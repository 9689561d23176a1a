"""A QuestionnaireResponse checked against its form, in one pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.conditions import Counted, disclosures, opened
from template_service.questionnaire.form import Answers, Form, Item, Option, Value
from template_service.questionnaire.head import (
    EXTENDED,
    check_head,
    unknown_properties,
    unknown_property,
)
from template_service.questionnaire.problems import ROOT, Path, Problem, Severity, shown, written
from template_service.questionnaire.values import VALUE_KINDS, Finding, read_value

__all__ = ["Checked", "Problem", "validate"]

DEPTH_LIMIT = 64
"""Items within items and answers of a response; a form has at most half as many."""
PROBLEM_LIMIT = 200
"""A response odd in more places than this is not worth naming each one; twice that for errors."""

# A tuple, because the status of a stranger may be anything, hashable or not.
_FINISHED = ("completed", "amended")
_ITEM_KEYS = EXTENDED | {"linkId", "definition", "text", "answer", "item"}
_ANSWER_KEYS = EXTENDED | VALUE_KINDS | {"item"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a response says (`answers`, read as far as possible) and what is wrong with it.

    A response with `errors` is not to be stored; one with warnings only is.
    """

    answers: Answers
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


def validate(form: Form, resource: Any) -> Checked:
    """Check a response (parsed JSON) against its form. Never raises on any JSON value.

    Answers to items that are not enabled are errors, except those that disclose something urgent
    (rules.md, rule 4a), which are kept with a warning. Required items are asked for only when
    they are enabled and the status is `completed` or `amended`.
    """
    walk = _Walk(form)
    if not isinstance(resource, dict) or resource.get("resourceType") != "QuestionnaireResponse":
        walk.add("error", "structure", ROOT, None, "This is no QuestionnaireResponse.")
        return Checked({}, tuple(walk.problems))
    for finding in check_head(form, resource):
        walk.add(
            finding.severity, finding.code, (ROOT, finding.element, None), None, finding.message
        )
    if "item" in resource:
        walk.items(resource["item"], form.by_root, ROOT, 0)
    all_count = walk.enabled(resource, finished=resource.get("status") in _FINISHED)
    return Checked(Counted(walk.answers) if all_count else walk.answers, tuple(walk.problems))


class _Walk:
    """One pass over one response."""

    __slots__ = ("answers", "form", "met", "problems")

    def __init__(self, form: Form) -> None:
        self.form = form
        self.problems: list[Problem] = []
        self.answers: dict[str, tuple[Value, ...]] = {}
        self.met: dict[str, Path] = {}
        """Where each item was met last: the path around it."""

    def add(
        self, severity: Severity, code: str, path: Path, link_id: str | None, message: str
    ) -> None:
        # Warnings must not crowd out the error that makes a response unfit to store.
        limit = 2 * PROBLEM_LIMIT if severity == "error" else PROBLEM_LIMIT
        if len(self.problems) < limit:
            expression = written(path)
            text = message if link_id is None else f"{shown(link_id)}: {message}"
            self.problems.append(Problem(severity, code, expression, link_id, text))

    def items(self, raw: Any, children: Mapping[str, Item], around: Path, depth: int) -> None:
        """The items directly inside something; `children` are those the form has there."""
        if not (raw and type(raw) is list) and not self._is_list(raw, (around, "item", None)):
            return
        if depth > DEPTH_LIMIT:
            message = f"Items are nested more than {DEPTH_LIMIT} deep; what is inside was not read."
            self.add("error", "too-costly", (around, "item", None), None, message)
            return
        met, answers = self.met, self.answers
        for index, node in enumerate(raw):
            link_id = node.get("linkId") if type(node) is dict else None
            if type(link_id) is not str:
                self._nameless(node, (around, "item", index), depth)
                continue
            item = children.get(link_id)
            if item is not None and link_id not in met:
                met[link_id] = around
                if item.options and (option := _flawless(node, item)):
                    answers[link_id] = (option,)
                    continue
                self._inside(node, item, (around, "item", index), depth)
            else:
                self._seldom(node, item, (around, "item", index), depth)

    def _seldom(self, node: Mapping[str, Any], item: Item | None, path: Path, depth: int) -> None:
        """An item in the wrong place, unknown to the form, or met before."""
        link_id, around = node["linkId"], path[0]
        item = item or self._misplaced(link_id, path)
        # A group may repeat around an item: it is twice in the same place that is wrong.
        twice = link_id in self.met and self.met[link_id] is around
        if item is not None and twice and not (item.repeats and item.type == "group"):
            message = "The item is there twice; several answers belong into one item."
            self.add("error", "structure", path, link_id, message)
        if item is not None:
            self.met[link_id] = around
        self._inside(node, item, path, depth)

    def _nameless(self, node: Any, path: Path, depth: int) -> None:
        self.add("error", "structure", path, None, "An item must be an object with a linkId.")
        if isinstance(node, dict):
            self._inside(node, None, path, depth)

    def _misplaced(self, link_id: str, path: Path) -> Item | None:
        item = self.form.items.get(link_id)
        if item is None:
            message = "The questionnaire has no item with this linkId."
            self.add("error", "not-found", path, link_id, message)
        else:
            where = "at the top" if item.parent is None else f"inside {shown(item.parent)}"
            message = f"The item is in the wrong place; it belongs {where}."
            self.add("error", "structure", path, link_id, message)
        return item

    def _inside(self, node: Mapping[str, Any], item: Item | None, path: Path, depth: int) -> None:
        """What one item holds. `item` is None when the form does not know it: its inside is read
        all the same, so that a disclosure in it is not lost.
        """
        if not _ITEM_KEYS.issuperset(node):
            self._keys(node, _ITEM_KEYS, path, item.link_id if item else None)
        if "answer" in node:
            self._answers(node["answer"], item, path, depth)
        if "item" not in node:
            return
        if item is not None and item.type != "group":
            message = "Items inside a question belong inside its answer."
            self.add("error", "structure", path, item.link_id, message)
        children = self.form.items if item is None else item.by_link_id
        self.items(node["item"], children, path, depth + 1)

    def _answers(self, raw: Any, item: Item | None, around: Path, depth: int) -> None:
        if not (raw and type(raw) is list) and not self._is_list(raw, (around, "answer", None)):
            return
        given: list[Value] = []
        for index, answer in enumerate(raw):
            path = (around, "answer", index)
            if not isinstance(answer, dict):
                self.add("error", "structure", path, None, "An answer must be an object.")
                continue
            if item is not None:
                self._answer(answer, item, path, given)
            if "item" in answer:
                children = self.form.items if item is None else item.by_link_id
                self.items(answer["item"], children, path, depth + 1)
        if item is not None and given:
            self._together(item, tuple(given), around)

    def _answer(
        self, answer: Mapping[str, Any], item: Item, path: Path, given: list[Value]
    ) -> None:
        if len(answer) != 1:
            if not _ANSWER_KEYS.issuperset(answer):
                self._keys(answer, _ANSWER_KEYS, path, item.link_id)
            kinds = VALUE_KINDS.intersection(answer)
            if not kinds and ("item" in answer or "extension" in answer):
                return
            if len(kinds) > 1:
                message = "An answer has one value, not several."
                self.add("error", "structure", path, item.link_id, message)
        value, finding = read_value(item, answer)
        if finding is not None:
            self._found(finding, path, item)
        if value is not None:
            given.append(value)

    def _found(self, finding: Finding, path: Path, item: Item) -> None:
        self.add(finding.severity, finding.code, path, item.link_id, finding.message)

    def _together(self, item: Item, given: tuple[Value, ...], path: Path) -> None:
        """The answers of one item, looked at together, then kept."""
        if len(given) > 1:
            if not item.repeats:
                message = "The item takes one answer only."
                self.add("error", "structure", path, item.link_id, message)
            elif any(type(each) is Option and each.exclusive for each in given):
                message = "An option that excludes all others was chosen with another."
                self.add("error", "invariant", path, item.link_id, message)
        if item.calculated is None:
            link_id, answers = item.link_id, self.answers
            answers[link_id] = answers[link_id] + given if link_id in answers else given

    def enabled(self, resource: Mapping[str, Any], *, finished: bool) -> bool:
        """Answers to items that are not enabled, and required items without an answer.

        True when every answer is to an enabled item, so that all of them count.
        """
        answers, items = self.answers, self.form.items
        outcome = opened(self.form, answers)
        disabled, missing = [], []
        for link_id in answers:
            item = items[link_id]
            if item.enabled_by >= 0 and not outcome[item.enabled_by]:
                disabled.append(item)
        for item in self.form.required if finished else ():
            asked = item.enabled_by < 0 or outcome[item.enabled_by]
            if asked and item.calculated is None and not _is_answered(item, answers):
                missing.append(item)
        if disabled or missing:
            # Most responses come this far without a place ever being written down.
            paths = {node["linkId"]: path for path, node in response_items(resource)}
            for item in disabled:
                self._disabled(item, answers[item.link_id], paths[item.link_id])
            for item in missing:
                path = paths.get(item.link_id) or paths.get(item.parent or "", ROOT)
                message = "An answer is required."
                self.add("error", "required", path, item.link_id, message)
        return not disabled

    def _disabled(self, item: Item, given: tuple[Value, ...], path: Path) -> None:
        kept = disclosures(given)
        if len(kept) < len(given):
            message = "The item is answered although the other answers do not ask for it."
            self.add("error", "business-rule", path, item.link_id, message)
        else:
            message = (
                "The item is answered although the other answers do not ask for it; "
                "the answer is kept because it may be urgent."
            )
            self.add("warning", "business-rule", path, item.link_id, message)

    def _is_list(self, raw: Any, path: Path) -> bool:
        if not isinstance(raw, list):
            self.add("error", "structure", path, None, f"{path[1]} must be a list.")
            return False
        if not raw:
            message = f"{path[1]} is empty; FHIR leaves it out instead."
            self.add("warning", "structure", path, None, message)
        return True

    def _keys(
        self, node: Mapping[str, Any], known: frozenset[str], path: Path, link_id: str | None
    ) -> None:
        for key in unknown_properties(node, known):
            self.add("error", "structure", path, link_id, unknown_property(key))


def _flawless(node: Mapping[str, Any], item: Item) -> Option | None:
    """The chosen option of a coded item written just as it should be, which nearly all are.

    None for anything else; the careful way then says what is wrong. It is three times as slow.
    """
    if len(node) > 3 or (len(node) == 3 and "text" not in node) or item.calculated is not None:
        return None
    try:
        [answer] = node["answer"]
        option = item.by_code[answer["valueCoding"]["code"]]
    except (KeyError, TypeError, ValueError):
        return None
    return option if answer == option.written else None


def _is_answered(item: Item, answers: Answers) -> bool:
    if item.link_id in answers or item.type == "display":
        return True
    return any(_is_answered(child, answers) for child in item.children if child.type != "display")
