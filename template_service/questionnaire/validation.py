"""A QuestionnaireResponse checked against its form, in one pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.answer_checks import AnswerChecks, check_properties
from template_service.questionnaire.completeness import judge_answers
from template_service.questionnaire.disclosing import Telling, telling, unless_told
from template_service.questionnaire.form import Answers, Form, Item, Option, Value
from template_service.questionnaire.head import (
    EXTENDED,
    check_head,
)
from template_service.questionnaire.judging import judge_occurrences
from template_service.questionnaire.occurrences import DEPTH_LIMIT
from template_service.questionnaire.primitives import is_text
from template_service.questionnaire.problems import ROOT, Path, Problem, Severity, shown, written

__all__ = ["DEPTH_LIMIT", "EMPTY_LIST", "PROBLEM_LIMIT", "Checked", "Problem", "validate"]

PROBLEM_LIMIT = 200
"""A response odd in more places than this is not worth naming each one; twice that for errors."""

EMPTY_LIST = "The list is empty; leave it out instead (R4 has no empty lists)."
"""What is said of a list of items or answers with nothing in it."""

_OFTEN = 100
# A tuple, because the status of a stranger may be anything, hashable or not.
_FINISHED = ("completed", "amended")
_ITEM_KEYS = EXTENDED | {"linkId", "_linkId", "definition", "_definition", "text", "_text"}
_ITEM_KEYS |= {"answer", "item"}


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


def validate(form: Form, resource: Any, environment: Mapping[str, Any] = {}) -> Checked:
    """Check a response (parsed JSON) against its form. Never raises on any JSON value.

    Answers to items that are not enabled are errors, except those that disclose something urgent
    (rules.md, rule 4a), which are kept with a warning, and so are too many answers or misplaced
    ones with such an answer among them. Required items, least numbers of answers and
    rules are asked for only when their item is enabled and the status is `completed` or `amended`;
    in a draft a broken rule is a warning. An answer to a readOnly or hidden item is no mistake.
    `environment` is what expressions of the form may use besides the response (name -> FHIR JSON).
    """
    walk = _Walk(form, resource)
    if not isinstance(resource, dict) or resource.get("resourceType") != "QuestionnaireResponse":
        walk.add("error", "structure", ROOT, None, "This is no QuestionnaireResponse.")
        return Checked({}, tuple(walk.problems))
    for finding in check_head(form, resource):
        walk.add(
            finding.severity, finding.code, (ROOT, finding.element, None), None, finding.message
        )
    walk.checks.finished = finished = resource.get("status") in _FINISHED
    if "contained" in resource:
        walk.checks.contained = _contained(resource["contained"])
    if "item" in resource:
        walk.items(resource["item"], form.by_root, ROOT, 0)
    answers: Answers
    if form.simple and not walk.answered_often:
        answers = judge_answers(form, walk.answers, resource, finished=finished, add=walk.add)
    else:
        answers = judge_occurrences(
            form, walk.answers, resource, environment, finished=finished, add=walk.add
        )
    return Checked(answers, tuple(walk.problems))


class _Walk:
    """One pass over one response."""

    __slots__ = (
        "_told",
        "answered_often",
        "answers",
        "checks",
        "form",
        "met",
        "problems",
        "resource",
    )

    def __init__(self, form: Form, resource: Any) -> None:
        self.form = form
        self.resource = resource
        self._told: Telling | None = None
        self.answered_often = False
        """Whether one item has so many answers that no condition should go through them all."""
        self.problems: list[Problem] = []
        self.answers: dict[str, tuple[Value, ...]] = {}
        self.met: dict[str, Path] = {}
        """Where each item was met last: the path around it."""
        self.checks = AnswerChecks(self.add)

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
        sound = raw and type(raw) is list and depth <= DEPTH_LIMIT
        if not sound and not self._are_items(raw, (around, "item", None), depth):
            return
        met, answers = self.met, self.answers
        for index, node in enumerate(raw):
            try:
                link_id = node["linkId"]
                item = children[link_id]
            except (KeyError, TypeError):
                self._unexpected(node, (around, "item", index), depth)
                continue
            if link_id in met:
                self._again(node, item, (around, "item", index), depth)
                continue
            met[link_id] = around
            # Nearly everything is a group, or options written just as they should be. Anything
            # else goes the careful way, which says what is wrong and is ten times as slow.
            size, text = len(node), node.get("text")
            if size == 2 or (
                size == 3 and text is not None and (text == item.sound_text or is_text(text))
            ):
                if flawless := item.flawless:
                    try:
                        [answer] = node["answer"]
                        coding = answer["valueCoding"]
                        option = flawless[coding["code"]]
                        if coding == option.written and len(answer) == 1:
                            answers[link_id] = (option,)
                            continue
                    except (KeyError, TypeError, ValueError):
                        pass
                elif item.type == "group" and "item" in node:
                    self.items(node["item"], item.by_link_id, (around, "item", index), depth + 1)
                    continue
            self._inside(node, item, (around, "item", index), depth)

    def _are_items(self, raw: Any, path: Path, depth: int) -> bool:
        if depth > DEPTH_LIMIT:
            message = f"Items are nested more than {DEPTH_LIMIT} deep; what is inside was not read."
            self.add("error", "too-costly", path, None, message)
            return False
        return self._is_list(raw, path)

    def _unexpected(self, node: Any, path: Path, depth: int) -> None:
        """What is no item with a linkId the form has in this place."""
        if not isinstance(node, dict) or not isinstance(node.get("linkId"), str):
            self.add("error", "structure", path, None, "An item must be an object with a linkId.")
            if isinstance(node, dict):
                self._inside(node, None, path, depth)
            return
        item = self._misplaced(node, path)
        if item is None:
            self._inside(node, None, path, depth)
        else:
            self._again(node, item, path, depth)

    def _again(self, node: Mapping[str, Any], item: Item, path: Path, depth: int) -> None:
        """An item in the wrong place, or met before."""
        around = path[0]
        # A group may repeat around an item: it is twice in the same place that is wrong.
        twice = self.met.get(item.link_id) is around and item.link_id in self.met
        if twice and not (item.repeats and item.type == "group"):
            message = "The item is there twice; several answers belong into one item."
            severity = unless_told(item.link_id in self._telling.link_ids)
            self.add(severity, "structure", path, item.link_id, message)
        self.met[item.link_id] = around
        self._inside(node, item, path, depth)

    def _misplaced(self, node: Mapping[str, Any], path: Path) -> Item | None:
        link_id = node["linkId"]
        item = self.form.items.get(link_id)
        severity = unless_told(self._telling.in_item(node))
        if item is None:
            message = "The questionnaire has no item with this linkId."
            self.add(severity, "not-found", path, link_id, message)
        else:
            where = "at the top" if item.parent is None else f"inside {shown(item.parent)}"
            message = f"The item is in the wrong place; it belongs {where}."
            self.add(severity, "structure", path, link_id, message)
        return item

    @property
    def _telling(self) -> Telling:
        """Where the response discloses something; looked for when something is out of place."""
        if self._told is None:
            self._told = telling(self.form, self.resource)
        return self._told

    def _inside(self, node: Mapping[str, Any], item: Item | None, path: Path, depth: int) -> None:
        """What one item holds. `item` is None when the form does not know it: its inside is read
        all the same, so that a disclosure in it is not lost.
        """
        check_properties(node, _ITEM_KEYS, path, item.link_id if item else None, self.add)
        if "answer" in node:
            self._answers(node["answer"], item, path, depth)
        if "item" not in node:
            return
        if item is not None and item.type != "group":
            message = "Items inside a question belong inside its answer."
            severity = unless_told(self._telling.inside(node))
            self.add(severity, "structure", path, item.link_id, message)
        children = self.form.items if item is None else item.by_link_id
        self.items(node["item"], children, path, depth + 1)

    def _answers(self, raw: Any, item: Item | None, around: Path, depth: int) -> None:
        if not (raw and type(raw) is list) and not self._is_list(raw, (around, "answer", None)):
            return
        if item is not None and (flawless := _flawless(raw, item.flawless)):
            self._keep(item, flawless, around)
            return
        given: list[Value] = []
        for index, answer in enumerate(raw):
            path = (around, "answer", index)
            if not isinstance(answer, dict):
                self.add("error", "structure", path, None, "An answer must be an object.")
                continue
            if item is not None:
                self.checks.one(answer, item, path, given)
            if "item" in answer:
                children = self.form.items if item is None else item.by_link_id
                self.items(answer["item"], children, path, depth + 1)
        if item is not None and given:
            self._keep(item, tuple(given), around)

    def _keep(self, item: Item, given: tuple[Value, ...], path: Path) -> None:
        self.checks.together(item, given, path)
        if item.calculated is None:
            link_id, answers = item.link_id, self.answers
            answers[link_id] = answers[link_id] + given if link_id in answers else given
            if len(answers[link_id]) > _OFTEN:
                self.answered_often = True

    def _is_list(self, raw: Any, path: Path) -> bool:
        if not isinstance(raw, list):
            self.add("error", "structure", path, None, f"{path[1]} must be a list.")
            return False
        if not raw:
            # Senders leave it behind where nothing is answered; refusing would lose the rest.
            self.add("warning", "structure", path, None, EMPTY_LIST)
        return True


def _flawless(raw: list[Any], known: Mapping[str, Option]) -> tuple[Option, ...]:
    """The options chosen if each is written just as it is offered, else none."""
    found: list[Option] = []
    for answer in raw:
        try:
            coding = answer["valueCoding"]
            option = known[coding["code"]]
        except (KeyError, TypeError):
            return ()
        if coding != option.written or len(answer) != 1:
            return ()
        found.append(option)
    return tuple(found)


def _contained(raw: Any) -> dict[str, str]:
    """The type of each contained resource by its id."""
    return {
        each["id"]: str(each.get("resourceType"))
        for each in (raw if isinstance(raw, list) else ())
        if isinstance(each, dict) and isinstance(each.get("id"), str)
    }
