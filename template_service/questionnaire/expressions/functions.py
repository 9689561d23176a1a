"""FHIRPath functions and operators of our own, in the place of fhirpathpy 2.2's.

Each is here because fhirpathpy's own would take unbounded time or memory (repeat, replace, join,
matches through `re` ...), gives another result than FHIRPath says (sum of answers, `=` of
collections, division of whole numbers, round), loses the types of what it passes on (`|`,
distinct), shares its clock between threads (today, now), or prints answers (trace).

An entry has the shape of fhirpathpy's own registry: `fn(context, input, *arguments)`.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from template_service.questionnaire.expressions.library import FP_DateTime, FP_Time, get_data
from template_service.questionnaire.expressions.navigation import children
from template_service.questionnaire.expressions.numbers import NUMBERS
from template_service.questionnaire.expressions.operators import LOGIC
from template_service.questionnaire.expressions.quantities import QUANTITIES
from template_service.questionnaire.expressions.sameness import distinct, equal, key
from template_service.questionnaire.expressions.texts import TEXTS

Context = dict[str, Any]
Each = Callable[[Any], list[Any]]

_EXPRESSION: dict[str, Any] = {"arity": {1: ["Expr"]}}
_COLLECTION: dict[str, Any] = {"arity": {1: ["AnyAtRoot"]}}
_BOTH: dict[str, Any] = {"arity": {2: ["Any", "Any"]}}


def _truth(collection: list[Any]) -> bool | None:
    """A collection as a boolean, None when it is empty; any other one value is true.

    FHIRPath 4.5, "Singleton evaluation of collections": ValueError when it has several.
    """
    if not collection:
        return None
    if len(collection) > 1:
        raise ValueError(len(collection))
    value = get_data(collection[0])
    return value if isinstance(value, bool) else True


def _holds(criterion: list[Any]) -> bool:
    """A criterion of where() and its like: empty counts as false."""
    return _truth(criterion) is True


def _logic(decide: Callable[[bool | None, bool | None], bool | None]) -> Mapping[str, Any]:
    def logic(_: Context, left: list[Any], right: list[Any]) -> list[bool]:
        found = decide(_truth(left), _truth(right))
        return [] if found is None else [found]

    return {"fn": logic, **_BOTH}


def _where(context: Context, given: list[Any], criterion: Each) -> list[Any]:
    found = []
    for context["$index"], each in enumerate(given):
        if _holds(criterion(each)):
            found.append(each)
    return found


def _exists(context: Context, given: list[Any], criterion: Each | None = None) -> bool:
    return bool(given) if criterion is None else any(_judged(context, given, criterion))


def _all(context: Context, given: list[Any], criterion: Each) -> bool:
    return all(_judged(context, given, criterion))


def _judged(context: Context, given: list[Any], criterion: Each) -> Iterator[bool]:
    for context["$index"], each in enumerate(given):
        yield _holds(criterion(each))


def _select(context: Context, given: list[Any], projection: Each) -> list[Any]:
    found: list[Any] = []
    for context["$index"], each in enumerate(given):
        found.extend(projection(each))
        context["work"].weigh_size(len(found))
    return found


def _repeat(context: Context, given: list[Any], projection: Each) -> list[Any]:
    work = context["work"]
    waiting, found, seen = deque(given), [], set()
    while waiting:
        for each in projection(waiting.popleft()):
            if (known := key(work, each)) not in seen:
                seen.add(known)
                found.append(each)
                waiting.append(each)
        work.weigh_size(len(found))
    return found


def _children(_: Context, given: list[Any]) -> list[Any]:
    return list(children(given))


def _descendants(context: Context, given: list[Any]) -> list[Any]:
    found: list[Any] = []
    level = list(children(given))
    while level:
        found += level
        context["work"].charge(len(level))
        context["work"].weigh_size(len(found))
        level = list(children(level))
    return found


def _iif(
    _: Context, given: list[Any], criterion: Each, holds: Each, otherwise: Each | None = None
) -> list[Any]:
    # As other engines do, and unlike where(): a criterion that is not true is false.
    found = criterion(given)
    if len(found) == 1 and get_data(found[0]) is True:
        return holds(given)
    return otherwise(given) if otherwise else []


def _single(_: Context, given: list[Any]) -> list[Any]:
    if len(given) > 1:
        raise ValueError(len(given))
    return given


def _take(_: Context, given: list[Any], count: Any) -> list[Any]:
    return given[: max(int(count), 0)]


def _skip(_: Context, given: list[Any], count: Any) -> list[Any]:
    return given[max(int(count), 0) :]


def _trace(_: Context, given: list[Any], *__: Any) -> list[Any]:
    return given


def _union(context: Context, left: list[Any], right: list[Any]) -> list[Any]:
    return distinct(context["work"], left + right)


def _distinct(context: Context, given: list[Any]) -> list[Any]:
    return distinct(context["work"], given)


def _is_distinct(context: Context, given: list[Any]) -> bool:
    return len(distinct(context["work"], given)) == len(given)


def _keys(context: Context, given: list[Any]) -> set[Any]:
    return {key(context["work"], each) for each in given}


def _intersect(context: Context, given: list[Any], other: list[Any]) -> list[Any]:
    wanted = _keys(context, other)
    shared = [each for each in given if key(context["work"], each) in wanted]
    return distinct(context["work"], shared)


def _exclude(context: Context, given: list[Any], other: list[Any]) -> list[Any]:
    unwanted = _keys(context, other)
    return [each for each in given if key(context["work"], each) not in unwanted]


def _subset_of(context: Context, given: list[Any], other: list[Any]) -> bool:
    return _keys(context, given) <= _keys(context, other)


def _superset_of(context: Context, given: list[Any], other: list[Any]) -> bool:
    return _keys(context, given) >= _keys(context, other)


def _contains(context: Context, given: list[Any], one: list[Any]) -> Any:
    if len(one) > 1:
        raise ValueError(len(one))
    return key(context["work"], one[0]) in _keys(context, given) if one else []


def _in(context: Context, one: list[Any], given: list[Any]) -> Any:
    return _contains(context, given, one)


def _equal(context: Context, left: list[Any], right: list[Any]) -> Any:
    return equal(context, left, right)


def _unequal(context: Context, left: list[Any], right: list[Any]) -> Any:
    found = equal(context, left, right)
    return [] if found == [] else not found


def _now(context: Context, _: list[Any]) -> Any:
    return FP_DateTime(context["now"].isoformat(timespec="milliseconds"))


def _today(context: Context, _: list[Any]) -> Any:
    return FP_DateTime(context["now"].date().isoformat())


def _time_of_day(context: Context, _: list[Any]) -> Any:
    return FP_Time(context["now"].time().isoformat(timespec="milliseconds"))


FUNCTIONS: Mapping[str, Mapping[str, Any]] = {
    "where": {"fn": _where, **_EXPRESSION},
    "exists": {"fn": _exists, "arity": {0: [], 1: ["Expr"]}},
    "all": {"fn": _all, **_EXPRESSION},
    "select": {"fn": _select, **_EXPRESSION},
    "repeat": {"fn": _repeat, **_EXPRESSION},
    "children": {"fn": _children},
    "descendants": {"fn": _descendants},
    "iif": {"fn": _iif, "arity": {2: ["Expr"] * 2, 3: ["Expr"] * 3}},
    "single": {"fn": _single},
    "take": {"fn": _take, "arity": {1: ["Integer"]}},
    "skip": {"fn": _skip, "arity": {1: ["Integer"]}},
    "trace": {"fn": _trace, "arity": {1: ["String"], 2: ["String", "Expr"]}},
    "union": {"fn": _union, **_COLLECTION},
    "|": {"fn": _union, **_BOTH},
    "distinct": {"fn": _distinct},
    "isDistinct": {"fn": _is_distinct},
    "intersect": {"fn": _intersect, **_COLLECTION},
    "exclude": {"fn": _exclude, **_COLLECTION},
    "subsetOf": {"fn": _subset_of, **_COLLECTION},
    "supersetOf": {"fn": _superset_of, **_COLLECTION},
    "containsOp": {"fn": _contains, **_BOTH},
    "inOp": {"fn": _in, **_BOTH},
    "=": {"fn": _equal, **_BOTH, "nullable": True},
    "!=": {"fn": _unequal, **_BOTH, "nullable": True},
    "now": {"fn": _now},
    "today": {"fn": _today},
    "timeOfDay": {"fn": _time_of_day},
    **{sign: _logic(decide) for sign, decide in LOGIC.items()},
    **NUMBERS,
    **QUANTITIES,
    **TEXTS,
}
