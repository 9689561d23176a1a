"""What of a form counts as safety, for whoever must not learn of it (content rule 6).

Safety is what is marked as it, what may only be asked of somebody seen alone, and whatever is
worked out from either: a total or a question that appears tells as much as the answer.
"""

from functools import lru_cache

from template_service.questionnaire.expressions.dependencies import linkids
from template_service.questionnaire.extensions import values
from template_service.questionnaire.form import SEEN_ALONE, Form, Item, Option

_UNANSWERED = frozenset({"group", "display"})


def is_private_option(option: Option) -> bool:
    """Whether an option tells of safety: it is marked so, or ticks or stands behind such a card."""
    card = option.card
    return option.masked or option.gate == SEEN_ALONE or (card is not None and card.masked)


def is_private_item(item: Item) -> bool:
    """Whether an item is itself safety: marked so, or only for somebody seen alone."""
    return item.masked or item.gate == SEEN_ALONE


def is_private(form: Form) -> bool:
    """Whether anything of a form is safety."""
    return bool(private_items(form) or _with_private_options(form))


def is_wholly_private(form: Form) -> bool:
    """Whether everything that a form asks is safety: that it was answered tells of it."""
    private = private_items(form)
    asked = [item.link_id for item in form.items.values() if item.type not in _UNANSWERED]
    return bool(asked) and private.issuperset(asked)


@lru_cache(maxsize=256)
def _private_items(form: "_ByIdentity") -> frozenset[str]:
    return frozenset(_find_private(form.form))


def private_items(form: Form) -> frozenset[str]:
    """The linkIds that count as safety, those included that are calculated from safety.

    An expression of which nobody can say what it reads counts where a form has any safety.
    """
    return _private_items(_ByIdentity(form))


class _ByIdentity:
    """A form as a key: two are the same only when they are one."""

    __slots__ = ("form",)

    def __init__(self, form: Form) -> None:
        self.form = form

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.form is self.form

    def __hash__(self) -> int:
        return id(self.form)


def _with_private_options(form: Form) -> set[str]:
    return {
        link_id for link_id, item in form.items.items() if any(map(is_private_option, item.options))
    }


def _find_private(form: Form) -> set[str]:
    found = {link_id for link_id, item in form.items.items() if is_private_item(item)}
    telling = found | _with_private_options(form)
    if not telling:
        return found
    # What is calculated from what is calculated from safety tells of it too.
    while more := {
        link_id
        for link_id, item in form.items.items()
        if link_id not in found and _reads(form, item, telling)
    }:
        found |= more
        telling |= more
    return found


def _reads(form: Form, item: Item, telling: set[str]) -> bool:
    if item.domain is not None and not form.domain(item.domain).masked:
        # The level of a domain follows the template's own rules, which keep safety out of it.
        return False
    expressions = [item.calculated] if item.calculated is not None else []
    expressions += [
        each["expression"]
        for each in values(item.raw, "sdc-questionnaire-enableWhenExpression", "valueExpression")
        if isinstance(each.get("expression"), str)
    ]
    variables = _variables(form, item) if expressions else {}
    for expression in expressions:
        read = linkids(expression, variables)
        if read is None or not telling.isdisjoint(read):
            return True
    return False


def _variables(form: Form, item: Item) -> dict[str, str]:
    """Every variable that an expression of the item may name; the inner of one name wins."""
    found: dict[str, str] = {}
    around: Item | None = item
    while around is not None:
        for each in values(around.raw, "variable", "valueExpression"):
            if isinstance(each.get("name"), str) and isinstance(each.get("expression"), str):
                found.setdefault(each["name"], each["expression"])
        around = form.items[around.parent] if around.parent else None
    return {**form.variables, **found}
