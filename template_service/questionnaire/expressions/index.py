"""A response found by linkId, so that a path need not walk through all of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from template_service.questionnaire.expressions.operators import NotSure
from template_service.questionnaire.values import VALUE_KINDS

Node = dict[str, Any]
"""An item of a QuestionnaireResponse, as parsed."""

_NOTHING: tuple[Node, ...] = ()
_ITEM_KEYS = frozenset(("linkId", "text", "definition", "answer", "item", "id"))
_ANSWER_KEYS = VALUE_KINDS | {"item", "id"}
_SIMPLE_HEAD = frozenset(
    ("resourceType", "id", "questionnaire", "status", "subject", "authored", "author", "item")
)


class Index:
    """The items of one response by linkId. It sees what is changed in the response if told so.

    It is `sound` when the response is built as FHIR R4 says, with nothing in it (primitive
    extensions, contained resources) that a path could meet in another way than the index knows.
    Ask for that first.
    """

    __slots__ = ("_children", "_everywhere", "_items", "_sound", "response")

    def __init__(self, response: Any) -> None:
        self.response = response
        self._sound: bool | None = None
        self.forget()

    @property
    def sound(self) -> bool:
        """Whether paths may be followed here; the first to ask makes the index."""
        if self._sound is None:
            self._sound = self._read()
        return self._sound

    @property
    def ready(self) -> bool:
        """Whether it is sound and up to date, so that asking it costs nothing."""
        return self._sound is True

    def forget(self) -> None:
        """Looks at the whole response anew when it is next asked."""
        self._children: dict[int, tuple[Any, dict[str, list[Node]]]] = {}
        self._everywhere: dict[str, list[Node]] = {}
        self._items: dict[str, list[Node]] = {}
        self._sound = None

    def everywhere(self, link_id: str) -> list[Node]:
        """`descendants().where(linkId = ...)` of the response: nearest to the root first."""
        return self._everywhere.get(link_id, [])

    def items(self, link_id: str) -> list[Node]:
        """`repeat(item).where(linkId = ...)` of the response: without items inside answers."""
        return self._items.get(link_id, [])

    @property
    def size(self) -> int:
        """Of how many linkIds there are items: the least that looking at all of them costs."""
        return len(self._items)

    def every_item(self) -> list[Node]:
        """`repeat(item)` of the response. Raises NotSure when a linkId is there twice."""
        if any(len(nodes) > 1 for nodes in self._items.values()):
            # What is equal to what is there already would be left out.
            raise NotSure
        found: list[Node] = []
        level: list[Any] = [self.response]
        while level:
            level = [node for around in level for node in around.get("item", _NOTHING)]
            found += level
        return found

    def inside(self, node: Any, link_id: str) -> list[Node]:
        """`item.where(linkId = ...)` of a response, an item or an answer."""
        known = self._children.get(id(node))
        # An id is that of another object once the first is gone.
        if known is None or known[0] is not node:
            found: dict[str, list[Node]] = {}
            for each in node.get("item", _NOTHING):
                found.setdefault(each["linkId"], []).append(each)
            known = self._children[id(node)] = (node, found)
        return known[1].get(link_id, [])

    def added(self, node: Node, around: Any, *, in_answer: bool) -> None:
        """An item without items of its own was put into `around` of this response.

        `in_answer`: it sits inside an answer, at whatever depth.
        """
        if not self._sound:
            # The whole response will be looked at, or is not looked at at all.
            return
        link_id = node["linkId"]
        known = self._children.get(id(around))
        if known is not None and known[0] is around and link_id not in known[1]:
            known[1][link_id] = [node]
        else:
            self._children.pop(id(around), None)
        if link_id in self._everywhere:
            # Where it belongs among its equals only the whole response tells.
            self.forget()
            return
        self._everywhere[link_id] = [node]
        if not in_answer:
            self._items[link_id] = [node]

    def answered(self, answers: Iterable[Any]) -> None:
        """Somebody's answers were put into an item: what is odd about them counts from now on."""
        if not self._sound or not all(map(_is_sound_answer, answers)):
            self.forget()

    def removed(self, node: Node, around: Any) -> None:
        """An item without items of its own was taken out of `around`."""
        if not self._sound:
            return
        self._children.pop(id(around), None)
        for known in (self._everywhere, self._items):
            if node["linkId"] in known:
                known[node["linkId"]] = [n for n in known[node["linkId"]] if n is not node]

    def _read(self) -> bool:
        response = self.response
        if type(response) is not dict or response.get("resourceType") != "QuestionnaireResponse":
            return False
        if not _SIMPLE_HEAD.issuperset(response) and any(
            key.startswith("_") or _mentions_link_ids(response[key])
            for key in response.keys() - {"item"}
        ):
            return False
        try:
            return self._read_levels(response)
        except (AttributeError, KeyError, TypeError):
            return False

    def _read_levels(self, response: Any) -> bool:
        """Level by level, as `descendants()` and `repeat()` go. False for what is odd."""
        level: list[tuple[Any, bool]] = [(response, False)]
        while level:
            below: list[tuple[Any, bool]] = []
            for around, in_answer in level:
                for key in ("answer", "item") if _answers_first(around) else ("item", "answer"):
                    if key not in around:
                        continue
                    inside, answers = around[key], key == "answer"
                    if type(inside) is not list:
                        return False
                    for each in inside:
                        if not (_is_sound_answer(each) if answers else self._take(each, in_answer)):
                            return False
                        below.append((each, in_answer or answers))
            level = below
        return True

    def _take(self, node: Node, in_answer: bool) -> bool:
        if not _is_sound_item(node):
            return False
        link_id = node["linkId"]
        self._everywhere.setdefault(link_id, []).append(node)
        if not in_answer:
            self._items.setdefault(link_id, []).append(node)
        return True


def _answers_first(around: Mapping[str, Any]) -> bool:
    if "answer" not in around or "item" not in around:
        return True
    return next(key for key in around if key in ("answer", "item")) == "answer"


def _is_sound_item(node: Any) -> bool:
    if type(node) is not dict or type(node.get("linkId")) is not str:
        return False
    return _ITEM_KEYS.issuperset(node) or _is_harmless(node, _ITEM_KEYS)


def _is_sound_answer(answer: Any) -> bool:
    if type(answer) is not dict:
        return False
    if not _ANSWER_KEYS.issuperset(answer) and not _is_harmless(answer, _ANSWER_KEYS):
        return False
    kinds = [answer[key] for key in answer if key in VALUE_KINDS]
    if not kinds:
        return "extension" not in answer
    return len(kinds) == 1 and kinds[0] is not None and type(kinds[0]) is not list


def _is_harmless(element: Mapping[str, Any], known: frozenset[str]) -> bool:
    """Whether all that is unusual in an element is extensions that no path mistakes for items."""
    others = element.keys() - known
    return others <= {"extension", "modifierExtension"} and not any(
        _mentions_link_ids(element[key]) for key in others
    )


def _mentions_link_ids(value: Any) -> bool:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if "linkId" in each:
                return True
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return False
