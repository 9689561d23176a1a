"""Items that nobody will ever be asked, because what enables them cannot come about.

And conditions that wait for an answer, or for any other, that their question does not offer.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from template_service.questionnaire.checking.offered import Entry, Offered
from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import objects, value_of
from template_service.questionnaire.extensions import value_in
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import shown

_EXPRESSION = "sdc-questionnaire-enableWhenExpression"
_WITHOUT_ANSWER = frozenset({"group", "display"})
_ALWAYS = (("=", "never holds"), ("!=", "holds whatever is answered"))
"""What becomes of a condition on an answer that its question does not offer."""
_ROUNDS = 20
"""Items that cannot be asked because another one cannot, followed this far."""

Reason = tuple[str, str]
"""(why an item is never enabled, the place inside the item)"""


def check_reachability(source: Source, form: Form | None, report: Report) -> None:
    """Report the items whose own enableWhen can never hold; what is inside them goes with them.

    It is an error where an option inside discloses something urgent: nobody could ever say it; and
    where an item waits for an answer to itself, or to an item inside it.
    """
    _check_themselves(source, report)
    options = Offered(source)
    never = _never_enabled(source, options)
    _check_offered(source, never, options, report)
    urgent = _around_disclosures(source, form) if never else frozenset()
    for item in source.items:
        if item.link_id not in never or source.by_link_id[item.link_id] is not item:
            continue
        why, at = never[item.link_id]
        message = f"Nobody is ever asked this: {why}."
        if item.link_id in urgent:
            message += " An option that discloses something urgent is here."
            report.on(item, message, "business-rule", "error", at=at)
        else:
            report.on(item, message, "business-rule", at=at)


def _check_themselves(source: Source, report: Report) -> None:
    for item in source.items:
        for index, entry in enumerate(_conditions(item)):
            asked = entry.get("question")
            question = source.by_link_id.get(asked) if isinstance(asked, str) else None
            if question is not None and item in question.outwards():
                what = "itself" if question is item else f"{shown(question.link_id)}, inside it"
                message = f"The item waits for an answer to {what}."
                at = f".enableWhen[{index}]"
                report.on(item, message, "business-rule", "error", at=at)


def _check_offered(
    source: Source, never: Mapping[str, Reason], options: Offered, report: Report
) -> None:
    """Report conditions on an answer that is not on offer, though the item can be asked."""
    for item in source.items:
        if item.link_id in never:
            continue
        for index, entry in enumerate(_conditions(item)):
            link_id = entry.get("question")
            question = source.by_link_id.get(link_id) if isinstance(link_id, str) else None
            so = next((so for sign, so in _ALWAYS if sign == entry.get("operator")), None)
            if question is None or so is None or options.has(question, entry):
                continue
            wanted = _named(value_of(entry, "answer")[1])
            message = f"{shown(question.link_id)} does not offer {wanted}: this condition {so}."
            report.on(item, message, "business-rule", at=f".enableWhen[{index}]")


def _named(wanted: Any) -> str:
    """An answer as it may stand in a message."""
    given = wanted.get("code") if isinstance(wanted, dict) else wanted
    return shown(str(given)) if isinstance(given, str | int | Decimal) else "such an answer"


def _never_enabled(source: Source, options: Offered) -> dict[str, Reason]:
    never: dict[str, Reason] = {}
    waiting = [item for item in source.by_link_id.values() if _conditions(item)]
    for _ in range(_ROUNDS):
        found = {
            item.link_id: reason
            for item in waiting
            if (reason := _why_never(item, source, never, options)) is not None
        }
        if not found:
            break
        never |= found
        waiting = [item for item in waiting if item.link_id not in found]
    return never


def _around_disclosures(source: Source, form: Form | None) -> frozenset[str]:
    """The linkIds of the items that offer an urgent answer, and of everything around those."""
    return frozenset(
        around.link_id
        for link_id, item in (form.items.items() if form else ())
        if any(option.discloses for option in item.options)
        for around in source.by_link_id[link_id].outwards()
    )


def _conditions(item: Placed) -> Sequence[Entry]:
    if value_in(item.named, _EXPRESSION, "valueExpression") is not None:
        return []
    return objects(item.json.get("enableWhen"))


def _why_never(
    item: Placed, source: Source, never: Mapping[str, Reason], options: Offered
) -> Reason | None:
    entries = _conditions(item)
    reasons = [_why_not(entry, source, never, options) for entry in entries]
    if item.json.get("enableBehavior") != "all":
        # Every one of them fails, or there is a way.
        return (reasons[0] or "", ".enableWhen[0]") if all(reasons) else None
    for index, reason in enumerate(reasons):
        if reason is not None:
            return reason, f".enableWhen[{index}]"
    reason = _contradiction(entries, source)
    return (reason, "") if reason is not None else None


def _why_not(
    entry: Entry, source: Source, never: Mapping[str, Reason], options: Offered
) -> str | None:
    """Why one condition can never hold; None when it can, or when the compiler refuses it."""
    link_id = entry.get("question")
    question = source.by_link_id.get(link_id) if isinstance(link_id, str) else None
    if question is None or not _wants_answer(entry):
        return None
    return next(_reasons(entry, question, never, options), None)


def _reasons(
    entry: Entry, question: Placed, never: Mapping[str, Reason], options: Offered
) -> Iterator[str]:
    """Everything for which a condition that wants an answer can never hold."""
    name = shown(question.link_id)
    if question.type in _WITHOUT_ANSWER:
        yield f"{name} takes no answer"
    if never and any(one.link_id in never for one in question.outwards()):
        yield f"it needs an answer to {name}, which nobody is ever asked"
    equal = entry.get("operator") == "="
    if equal and not options.has(question, entry):
        yield f"{name} does not offer the answer it waits for"
    bounds = list(_bounds(question))
    if bounds and _empty_range([entry, *bounds]):
        yield f"{name} takes no answer that high, or low"


def _bounds(question: Placed) -> Iterator[Entry]:
    """What minValue and maxValue demand of every answer, as conditions would."""
    for name, comparison in (("minValue", ">="), ("maxValue", "<=")):
        for extension in question.named.get(name, ()):
            yield {"operator": comparison, "answerBound": value_of(extension)[1]}


def _wants_answer(entry: Entry) -> bool:
    """Whether a condition holds only when there is an answer; R4 has != hold without one."""
    if entry.get("operator") == "exists":
        return entry.get("answerBoolean") is True
    return entry.get("operator") != "!="


def _same_coding(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    systems = {one.get("system"), other.get("system")} if _plain(one, other) else set()
    return one.get("code") == other.get("code") and (len(systems) < 2 or None in systems)


def _plain(*codings: Mapping[str, Any]) -> bool:
    return all(isinstance(each.get("system"), str | None) for each in codings)


def _contradiction(entries: Sequence[Entry], source: Source) -> str | None:
    """Why conditions that must all hold cannot: two demands on one question with one answer."""
    by_question: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.get("question"), str):
            by_question.setdefault(entry["question"], []).append(entry)
    for link_id, demands in by_question.items():
        question = source.by_link_id.get(link_id)
        if question is None or any(one.json.get("repeats") is True for one in question.outwards()):
            continue
        if _contradict(demands):
            return f"it demands of {shown(link_id)} what one answer cannot be"
    return None


def _contradict(demands: Sequence[Entry]) -> bool:
    exist = {
        entry.get("answerBoolean") if entry.get("operator") == "exists" else True
        for entry in demands
        if entry.get("operator") != "!="
    }
    if {True, False} <= exist:
        return True
    equal = [value_of(each, "answer")[1] for each in demands if each.get("operator") == "="]
    unequal = [value_of(each, "answer")[1] for each in demands if each.get("operator") == "!="]
    if any(not _alike(equal[0], other) for other in equal[1:]):
        return True
    if any(_alike(equal[0], other) for other in unequal) if equal else False:
        return True
    return _empty_range(demands)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return _same_coding(one, other)
    return bool(one == other)


def _empty_range(demands: Sequence[Entry]) -> bool:
    """Whether no number, and no date of one precision, is within all of the bounds."""
    low: dict[int, tuple[Any, bool]] = {}
    high: dict[int, tuple[Any, bool]] = {}
    for entry in demands:
        given, comparison = _comparable(value_of(entry, "answer")[1]), entry.get("operator")
        if given is None:
            continue
        # Numbers are in order with numbers, texts with those of their length.
        kind = len(given) if isinstance(given, str) else -1
        # Of the same bound with and without itself, the one without is the narrower.
        if comparison in ("=", ">", ">="):
            low[kind] = max(low.get(kind, (given, True)), (given, comparison != ">"), key=_as_low)
        if comparison in ("=", "<", "<="):
            high[kind] = min(high.get(kind, (given, True)), (given, comparison != "<"))
    return any(_beyond(*low[kind], *high[kind]) for kind in low.keys() & high.keys())


def _as_low(bound: tuple[Any, bool]) -> tuple[Any, bool]:
    return bound[0], not bound[1]


def _beyond(least: Any, with_least: bool, most: Any, with_most: bool) -> bool:
    return bool(least > most or (least == most and not (with_least and with_most)))


def _comparable(given: Any) -> Any:
    if isinstance(given, dict):
        given = None if given.keys() & {"code", "unit", "comparator"} else given.get("value")
    if isinstance(given, str):
        return given
    is_number = isinstance(given, int | float | Decimal) and not isinstance(given, bool)
    # What is not equal to itself is no number; `math.isnan` takes none that no float holds.
    return given if is_number and given == given else None  # noqa: PLR0124
