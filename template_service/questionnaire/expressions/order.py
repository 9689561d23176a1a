"""Which calculated items a form has, what each one reads, and in which order they are calculated.

An expression that names items reads them, and comes after those of them that are calculated
themselves. One that reads a whole group, or may read anything, sees of the calculated items only
those that come before it: of itself, and of what is calculated from it, it cannot know.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop, heappush

from template_service.questionnaire.expressions.dependencies import Places
from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.expressions.variables import fhirpaths
from template_service.questionnaire.extensions import extensions, value
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.problems import Problem, Severity, shown

CALCULATED = "sdc-questionnaire-calculatedExpression"
COUNT_LIMIT = 2_000
"""Calculated items of one form. The largest public forms have some 60; what many thousands of
expressions of strangers cost cannot be foreseen one by one."""

_TOO_MANY = f"The form calculates more than {COUNT_LIMIT:,} items; none of them is calculated."
_CIRCLE = "These items are calculated from each other, so none of them is calculated: {}."
_NEEDS_CIRCLE = "It is calculated from items that are calculated from each other."
_NOT_SUPPORTED = (
    "sdc-questionnaire-answerExpression",
    "sdc-questionnaire-answerOptionsToggleExpression",
)


@dataclass(frozen=True, slots=True)
class Calculated:
    """One calculated item.

    `chain` are the items from the root down to it, itself last; `scoped` tells which of those
    around it have variables. `reads` are the linkIds whose items it reads, None for any. `broad`:
    it sees only what is calculated before it.
    """

    item: Item
    expression: str
    chain: tuple[Item, ...]
    scoped: tuple[bool, ...]
    reads: frozenset[str] | None
    broad: bool


@dataclass(frozen=True, slots=True)
class Order:
    """The calculated items of a form in order.

    `circles` are those that need each other; they and those that need them are `left_out`. With
    more than COUNT_LIMIT there are no `items`. `problems` are what goes wrong whatever is answered.
    `readers` are the places in `items` of those that name a linkId, `anything` of those that may
    read any. `watched` is what the root variables read (None: anything), `positions` the place of
    every item in the document, `prunable` what is taken out of a response when nothing is in it.
    `entangled` are the questions whose answers make or take away places for calculated items.
    """

    items: tuple[Calculated, ...]
    circles: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]
    readers: Mapping[str, tuple[int, ...]]
    anything: tuple[int, ...]
    watched: frozenset[str] | None
    positions: Mapping[str, int]
    prunable: frozenset[str]
    entangled: frozenset[str]


@lru_cache(maxsize=64)
def order_of(form: Form) -> Order:
    """The order of a form, worked out once."""
    chosen = [item for item in form.items.values() if _is_calculated(item)]
    too_many = len(chosen) > COUNT_LIMIT
    places = Places(form, fhirpaths)
    holding = frozenset(item.link_id for item in form.items.values() if item.children)
    found = {
        item.link_id: _calculated(form, item, places, holding)
        for item in (() if too_many else chosen)
    }
    needs = {link_id: _needs(each, found) for link_id, each in found.items()}
    ordered = _sorted(needs, found)
    items = tuple(found[link_id] for link_id in ordered)
    done = set(ordered)
    left = {name: needed for name, needed in needs.items() if name not in done}
    circles = tuple(_circles(left))
    return Order(
        items=items,
        circles=circles,
        left_out=tuple(left),
        problems=tuple(_problems(form, circles, left, too_many=too_many)),
        readers=_readers(items),
        anything=tuple(at for at, each in enumerate(items) if each.reads is None),
        watched=_watched(form, places),
        positions={link_id: at for at, link_id in enumerate(form.items)},
        prunable=frozenset(_prunable(form, chosen)),
        entangled=_entangled(form, items),
    )


def touched(form: Form, link_id: str) -> Iterator[str]:
    """The items that are changed when one is: itself, those around it and those inside it."""
    item: Item | None = form.items[link_id]
    inside = list(item.children) if item is not None else []
    while item is not None:
        yield item.link_id
        item = None if item.parent is None else form.items[item.parent]
    while inside:
        child = inside.pop()
        yield child.link_id
        inside.extend(child.children)


def chain_of(form: Form, item: Item) -> tuple[Item, ...]:
    """The items from the root down to one, itself last."""
    chain = [item]
    while (parent := chain[-1].parent) is not None:
        chain.append(form.items[parent])
    return tuple(reversed(chain))


def _is_calculated(item: Item) -> bool:
    """Whether it has a calculatedExpression that can be run."""
    if item.calculated is None:
        return False
    return refused(value(item.raw, CALCULATED, "valueExpression")) is None


def _calculated(form: Form, item: Item, places: Places, holding: frozenset[str]) -> Calculated:
    """`holding`: what has items inside."""
    chain = chain_of(form, item)
    scoped = tuple(places.at(each.link_id) is not places.at(each.parent) for each in chain[:-1])
    expression = item.calculated or ""
    reads = places.at(item.link_id).linkids(expression, item.link_id)
    broad = reads is None or not reads.isdisjoint(holding)
    # Whether it is there at all depends on the questions around it being answered.
    asked = frozenset(each.link_id for each in chain[:-1] if each.type != "group")
    if reads is not None and not asked <= reads:
        reads |= asked
    return Calculated(item, expression, chain, scoped, reads, broad)


def _watched(form: Form, places: Places) -> frozenset[str] | None:
    read = {places.at(None).linkids(f"%{name}", None) for name in fhirpaths(form.resource)}
    return None if None in read else frozenset[str]().union(*(each for each in read if each))


def _entangled(form: Form, items: tuple[Calculated, ...]) -> frozenset[str]:
    if any(one.item.children for one in items):
        return frozenset(form.items)
    return frozenset(
        around.link_id for one in items for around in one.chain[:-1] if around.type != "group"
    )


def _needs(one: Calculated, found: Mapping[str, Calculated]) -> frozenset[str]:
    """The calculated items that it names."""
    return frozenset() if one.reads is None else one.reads & found.keys()


def _sorted(needs: Mapping[str, frozenset[str]], found: Mapping[str, Calculated]) -> list[str]:
    """In document order, after what they need, those that read broadly as late as possible.

    Those in a circle, and those that need them, are left out.
    """
    keys = {name: (found[name].broad, at, name) for at, name in enumerate(needs)}
    waiting = {name: len(needed) for name, needed in needs.items()}
    needed_by: dict[str, list[str]] = {}
    for name, needed in needs.items():
        for each in needed:
            needed_by.setdefault(each, []).append(name)
    ready = [keys[name] for name, count in waiting.items() if not count]
    heapify(ready)
    ordered = []
    while ready:
        name = heappop(ready)[2]
        ordered.append(name)
        for each in needed_by.get(name, ()):
            waiting[each] -= 1
            if not waiting[each]:
                heappush(ready, keys[each])
    return ordered


def _circles(needs: Mapping[str, frozenset[str]]) -> Iterable[tuple[str, ...]]:
    """Circles among items none of which can be first; every item leads into one."""
    told: set[str] = set()
    for start in needs:
        path: dict[str, None] = {}
        name = start
        while name not in path and name not in told:
            path[name] = None
            # What is left needs at least one that is left.
            name = min(needs[name] & needs.keys())
        if name in path:
            yield tuple(path)[list(path).index(name) :]
        told.update(path)


def _readers(items: tuple[Calculated, ...]) -> dict[str, tuple[int, ...]]:
    readers: dict[str, list[int]] = {}
    for at, each in enumerate(items):
        for name in each.reads or ():
            readers.setdefault(name, []).append(at)
    return {name: tuple(found) for name, found in readers.items()}


def _prunable(form: Form, chosen: Iterable[Item]) -> Iterable[str]:
    """The calculated items, and the groups around them that only their values may have made."""
    for item in chosen:
        yield item.link_id
        around = item.parent
        while around is not None:
            if form.items[around].type == "group" and not form.items[around].repeats:
                yield around
            around = form.items[around].parent


def _problems(
    form: Form, circles: Iterable[tuple[str, ...]], left: Iterable[str], *, too_many: bool
) -> Iterator[Problem]:
    if too_many:
        yield Problem("error", "too-costly", "Questionnaire", None, _TOO_MANY)
    for circle in circles:
        message = _CIRCLE.format(", ".join(shown(name) for name in circle))
        yield problem_of(form.items[circle[0]], "error", "business-rule", message)
    in_circles = {name for circle in circles for name in circle}
    for name in left:
        if name not in in_circles:
            yield problem_of(form.items[name], "error", "business-rule", _NEEDS_CIRCLE)
    for item in form.items.values():
        yield from _not_supported(item)


def _not_supported(item: Item) -> Iterator[Problem]:
    if "extension" not in item.raw:
        return
    given = value(item.raw, CALCULATED, "valueExpression")
    if item.calculated is not None and (reason := refused(given)) is not None:
        yield problem_of(item, "warning", "not-supported", reason)
    for name in _NOT_SUPPORTED:
        if next(extensions(item.raw, name), None) is not None:
            short = name.removeprefix("sdc-questionnaire-")
            message = f"{short} is not supported; the item is shown and checked without it."
            yield problem_of(item, "information", "not-supported", message)


def problem_of(item: Item, severity: Severity, code: str, message: str) -> Problem:
    """A problem of calculating an item; the message begins with the item's linkId."""
    text = f"{shown(item.link_id)}: {message}"
    return Problem(severity, code, item.expression, item.link_id, text)
