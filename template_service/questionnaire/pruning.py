"""What is submitted holds no answers of disabled items, save those that disclose something urgent.

Drafts keep them: an answer that is not asked for just now may be asked for again.
"""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.answers import disclosures
from template_service.questionnaire.enabling import enable
from template_service.questionnaire.expressions.limits import ALLOWANCE
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.occurrences import DEPTH_LIMIT, every, read_occurrences
from template_service.questionnaire.problems import ROOT, Path, Problem, written
from template_service.questionnaire.values import read_value

WORK_LIMIT = 100_000
"""Items looked at in all rounds, which takes about a second: leaving an answer out may disable what
an expression asks of it, so one round follows another. The longest chains known take three."""

_MESSAGE = "The answer was left out because the other answers do not ask for it."
_STOPPED = "Answers that are not asked for may be left: there are too many conditions to look at."


def without_disabled(
    form: Form,
    response: Mapping[str, Any],
    environment: Mapping[str, Any] = {},
    seconds: float = ALLOWANCE,
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The response without its disabled items and what is inside them, and what was left out.

    What was left out is named per answer (information), by its place in `response`, which is not
    changed. Answers that disclose something urgent are always kept, with the items around them;
    what is nested deeper than DEPTH_LIMIT is neither read nor left out. A warning says when there
    was too much to look at, or no time was left of the `seconds` for expressions, so that some may
    be left.
    """
    kept: dict[str, Any] = dict(response)
    origins: dict[int, Path] = {}
    dropped: dict[tuple[str, str | None], Problem] = {}
    work = WORK_LIMIT
    while True:
        pruning = _Pruning(form, kept, environment, origins, seconds)
        work, seconds = work - pruning.size, pruning.seconds
        if pruning.disabled:
            kept = pruning.pruned(kept)
        for problem in pruning.dropped:
            dropped.setdefault((problem.expression, problem.link_id), problem)
        if not pruning.dropped or work < 0 or pruning.stopped:
            break
    # With the first round alone everything was looked at once, however much it is.
    if pruning.stopped or (pruning.dropped and work < 0):
        problem = Problem("warning", "too-costly", written(ROOT), None, _STOPPED)
        return kept, (*dropped.values(), problem)
    return kept, tuple(dropped.values())


class _Pruning:
    """One round: the items that are disabled now, and the response without them."""

    def __init__(
        self,
        form: Form,
        response: Mapping[str, Any],
        environment: Mapping[str, Any],
        origins: dict[int, Path],
        seconds: float,
    ) -> None:
        self._form = form
        # Where each copy made in an earlier round comes from in the response as it was given.
        self._origins = origins
        roots = read_occurrences(form, response)
        scope = Scope.of(form, response, environment)
        # All rounds together have the time of one response.
        scope.shared.seconds = seconds
        enabling = enable(form, roots, scope)
        occurrences = list(every(roots))
        self.disabled = {id(each.node) for each in occurrences if not each.enabled}
        self.dropped: list[Problem] = []
        self.size = len(occurrences)
        self.seconds = scope.shared.seconds
        self.stopped = enabling.is_stopped or self.seconds <= 0

    def pruned(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """The response without what is disabled."""
        return self._inside(dict(response), ROOT, depth=0, asked=True)

    def _inside(
        self, node: dict[str, Any], path: Path, *, depth: int, asked: bool
    ) -> dict[str, Any]:
        """A copy of an item or answer with the items directly inside it looked at."""
        items = node.get("item")
        if not isinstance(items, list) or depth > DEPTH_LIMIT:
            return node
        found = [
            self._item(each, (path, "item", index), depth=depth, asked=asked)
            for index, each in enumerate(items)
        ]
        return _with(node, "item", [each for each in found if each is not None])

    def _item(self, node: Any, path: Path, *, depth: int, asked: bool) -> Any:
        """An item as it is kept; None when nothing of it is."""
        if not isinstance(node, dict):
            return node if asked else None
        path = self._origins.get(id(node), path)
        asked = asked and id(node) not in self.disabled
        link_id = node.get("linkId")
        item = self._form.items.get(link_id) if isinstance(link_id, str) else None
        made = self._inside(self._copied(node, path), path, depth=depth + 1, asked=asked)
        answers = node.get("answer")
        if isinstance(answers, list):
            found = [
                self._answer(each, item, (path, "answer", index), depth=depth + 1, asked=asked)
                for index, each in enumerate(answers)
            ]
            made = _with(made, "answer", [each for each in found if each is not None])
        return made if asked or "answer" in made or "item" in made else None

    def _answer(
        self, answer: Any, item: Item | None, path: Path, *, depth: int, asked: bool
    ) -> Any:
        if not isinstance(answer, dict):
            return answer if asked else None
        path = self._origins.get(id(answer), path)
        made = self._inside(self._copied(answer, path), path, depth=depth, asked=asked)
        if asked or (item is not None and _discloses(item, answer)):
            return made
        link_id = None if item is None else item.link_id
        self.dropped.append(
            Problem("information", "informational", written(path), link_id, _MESSAGE)
        )
        return {"item": made["item"]} if "item" in made else None

    def _copied(self, node: dict[str, Any], path: Path) -> dict[str, Any]:
        made = dict(node)
        self._origins[id(made)] = path
        return made


def _with(node: dict[str, Any], name: str, found: list[Any]) -> dict[str, Any]:
    """The object with this list, or without it when nothing of it is left."""
    if found or not node.get(name):
        node[name] = found
    else:
        del node[name]
    return node


def _discloses(item: Item, answer: Mapping[str, Any]) -> bool:
    value, _ = read_value(item, answer)
    return value is not None and bool(disclosures((value,)))
