"""The items of a Questionnaire as received: found, named and counted before anything is compiled.

The limits refuse a hostile questionnaire before it costs anything.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from template_service.questionnaire.extensions import Named, by_name, value_in
from template_service.questionnaire.options import TEXT_LIMIT, Findings
from template_service.questionnaire.problems import shown
from template_service.questionnaire.values import ITEM_TYPES

DEPTH_LIMIT = 32
"""Groups within groups; the deepest public questionnaires use six."""
ITEM_LIMIT = 5_000
"""Items of one questionnaire; the longest public ones have about a thousand."""
CONDITION_LIMIT = 8_000
"""enableWhen entries of one questionnaire: what is checked within a second."""
EXPRESSION_LIMIT = 10_000
"""Characters of one expression; the longest public ones have about two thousand."""
ALL_EXPRESSIONS_LIMIT = 200_000
"""Characters of the expressions of one questionnaire: what they read is worked out within a second;
this service's own template has 15,000."""

_ENABLED_BY = "sdc-questionnaire-enableWhenExpression"


class RawItem(NamedTuple):
    """One item of a Questionnaire as received, with its place and its extensions by name.

    `enabled_by_expression` is its enableWhenExpression (SDC), or None. It goes before an enableWhen
    beside it, which SDC does not allow (sdc-behave-2): `enable_when` is empty then.
    """

    json: Mapping[str, Any]
    link_id: str
    expression: str
    parent: str | None
    named: Named
    enable_when: list[Any]
    enabled_by_expression: Mapping[str, Any] | None

    @property
    def is_conditional(self) -> bool:
        """Whether it has a condition of its own."""
        return bool(self.enable_when) or self.enabled_by_expression is not None


def collect(resource: Mapping[str, Any], findings: Findings) -> dict[str, RawItem]:
    """Every item with a linkId and a type that can be used, by linkId, in document order.

    The others, and items beyond a limit, are named in the findings.
    """
    return {raw.link_id: raw for raw in _Collector(findings).collect(resource)}


class _Collector:
    """One walk over the items."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._seen: set[str] = set()
        self._count = 0
        self._conditions = 0
        self._characters = 0

    def collect(self, resource: Mapping[str, Any]) -> Iterator[RawItem]:
        """Items in document order, parents before children."""
        waiting: list[tuple[Any, str, str | None, int]] = []
        _push(waiting, resource, "Questionnaire", None, 0)
        if not self._readable(resource, "Questionnaire"):
            return
        while waiting:
            each, place, parent, depth = waiting.pop()
            self._count += 1
            if self._count > ITEM_LIMIT or self._conditions > CONDITION_LIMIT:
                message = (
                    f"A questionnaire may have {ITEM_LIMIT} items and {CONDITION_LIMIT} "
                    "enableWhen; what comes after was not read."
                )
                self._findings.add(place, None, message, "too-costly")
                return
            raw = self._usable(each, place, parent, depth)
            if raw is not None:
                if not self._readable(raw.json, place):
                    return
                self._conditions += len(raw.enable_when)
                yield raw
                _push(waiting, raw.json, place, raw.link_id, depth + 1)

    def _readable(self, element: Mapping[str, Any], place: str) -> bool:
        """Whether the expressions so far are few enough to be read; a finding says so when not."""
        texts = (text for text in _expressions(element) if isinstance(text, str))
        self._characters += sum(map(len, texts))
        if self._characters <= ALL_EXPRESSIONS_LIMIT:
            return True
        message = f"The expressions are longer than {ALL_EXPRESSIONS_LIMIT} characters together."
        self._findings.add(place, None, message, "too-costly")
        return False

    def _usable(self, each: Any, place: str, parent: str | None, depth: int) -> RawItem | None:
        link_id = each.get("linkId") if isinstance(each, dict) else None
        if not isinstance(link_id, str) or not link_id:
            self._findings.add(place, None, "An item needs a linkId.", "required")
            return None
        problem = None
        if link_id in self._seen:
            problem = "This linkId is used twice."
        elif not isinstance(each.get("type"), str) or each["type"] not in ITEM_TYPES:
            kind = f" {shown(each['type'])}" if isinstance(each.get("type"), str) else ""
            problem = f"The item type{kind} is not one of FHIR R4."
        elif depth > DEPTH_LIMIT:
            problem = f"Items are nested more than {DEPTH_LIMIT} deep."
        elif _is_longer(each.get("text"), TEXT_LIMIT):
            problem = f"The text is longer than {TEXT_LIMIT} characters."
        elif any(_is_longer(text, EXPRESSION_LIMIT) for text in _expressions(each)):
            problem = f"An expression is longer than {EXPRESSION_LIMIT} characters."
        elif not isinstance(each.get("enableWhen", []), list):
            # Passing it over would ask for what the author wanted asked of some only.
            problem = "enableWhen must be a list."
        self._seen.add(link_id)
        if problem is not None:
            self._findings.add(place, link_id, f"{shown(link_id)}: {problem}")
            return None
        named = by_name(each)
        by_expression = value_in(named, _ENABLED_BY, "valueExpression")
        entries = each.get("enableWhen")
        if by_expression is not None or not isinstance(entries, list):
            entries = []
        return RawItem(each, link_id, place, parent, named, entries, by_expression)


def _push(
    waiting: list[tuple[Any, str, str | None, int]],
    around: Mapping[str, Any],
    place: str,
    link_id: str | None,
    depth: int,
) -> None:
    """Puts what is inside something on the stack, last first."""
    items = around.get("item")
    if isinstance(items, list):
        waiting += [
            (items[index], f"{place}.item[{index}]", link_id, depth)
            for index in reversed(range(len(items)))
        ]


def _expressions(item: Mapping[str, Any]) -> Iterator[object]:
    found = item.get("extension")
    for extension in found if isinstance(found, list) else ():
        given = extension.get("valueExpression") if isinstance(extension, dict) else None
        if isinstance(given, dict):
            yield given.get("expression")


def _is_longer(text: object, limit: int) -> bool:
    return isinstance(text, str) and len(text) > limit
