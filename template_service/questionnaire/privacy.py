"""What of a form counts as safety, for whoever must not learn of it (content rule 6).

Safety is what is marked as it, what may only be asked of somebody seen alone, and whatever is
worked out from either: a total or a question that appears tells as much as the answer.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from template_service.questionnaire.elements import objects
from template_service.questionnaire.expressions.dependencies import Places
from template_service.questionnaire.expressions.variables import definitions
from template_service.questionnaire.extensions import value, values
from template_service.questionnaire.form import SEEN_ALONE, Form, Item, Option, Value
from template_service.questionnaire.values import read_value

_UNANSWERED = frozenset({"group", "display"})


def is_private_option(option: Option) -> bool:
    """Whether an option tells of safety: it is marked so, or ticks or stands behind such a card."""
    card = option.card
    return option.masked or option.gate == SEEN_ALONE or (card is not None and card.masked)


def is_private_item(item: Item) -> bool:
    """Whether an item is itself safety: marked so, or only for somebody seen alone."""
    return item.masked or item.gate == SEEN_ALONE


def is_private_answer(item: Item, answer: Mapping[str, Any]) -> bool:
    """Whether an answer of a response tells of safety.

    Where some options are safety that is all but the others: what was typed beside such options
    may say what they say, and so may words beside an answer. The system of a code is not looked at:
    a disclosure with a foreign one is kept all the same (rule 4a).
    """
    if not any(map(is_private_option, item.options)):
        return False
    found, _ = read_value(item, answer)
    return found is None or is_private_value(item, found) or bool(words_beside(answer))


def is_private_value(item: Item, found: Value) -> bool:
    """As `is_private_answer`, of an answer already read, without words beside it."""
    hidden = {option.code for option in item.options if is_private_option(option)}
    if not hidden:
        return False
    return not isinstance(found, Option) or found not in item.options or found.code in hidden


def words_beside(answer: Mapping[str, Any]) -> str:
    """What was said in words beside an answer that holds one value only: R4's `originalText`."""
    found = value(answer, "originalText", "valueString")
    return found if isinstance(found, str) else ""


def is_private(form: Form) -> bool:
    """Whether anything of a form is safety."""
    return bool(private_items(form) or _with_private_options(form))


def is_wholly_private(form: Form) -> bool:
    """Whether everything that a form asks is safety: that it was answered tells of it."""
    private = private_items(form)
    asked = [item.link_id for item in form.items.values() if item.type not in _UNANSWERED]
    return bool(asked) and private.issuperset(asked)


@lru_cache(maxsize=256)
def private_items(form: Form) -> frozenset[str]:
    """The linkIds that count as safety, and those that are calculated from it or appear by it.

    What is asked inside a question with an option of safety counts: it asks more about that answer.
    An expression of which nobody can say what it reads counts where a form has any safety.
    """
    return frozenset(_find_private(form))


def items_of_anything(form: Form) -> frozenset[str]:
    """Those of `private_items` that count because nobody can say what their expressions read."""
    return frozenset(_WorkedOut(form).of_anything) if is_private(form) else frozenset()


def private_cards(form: Form) -> frozenset[str]:
    """The cards that an answer or a domain of safety raises: that one stands there tells of it."""
    if not form.cards:
        return frozenset()
    private = private_items(form)
    told = (
        card
        for item in form.items.values()
        for option in item.options
        if item.link_id in private or is_private_option(option)
        for card in (option.urgent, option.card.id if option.card else None)
    )
    brought = (
        card
        for domain in form.domains
        if domain.masked or domain.screen.link_id in private
        for card in (domain.floor_card, *(modifier.card for modifier in domain.modifiers))
    )
    return frozenset(card for card in (*told, *brought) if card is not None)


def _with_private_options(form: Form) -> set[str]:
    return {
        link_id for link_id, item in form.items.items() if any(map(is_private_option, item.options))
    }


def _find_private(form: Form) -> set[str]:
    found = {link_id for link_id, item in form.items.items() if is_private_item(item)}
    waiting = [*found, *_with_private_options(form)]
    if not waiting:
        return found
    worked_out = _WorkedOut(form)
    found |= worked_out.of_anything
    waiting += worked_out.of_anything
    # What is calculated from, or stands in, what is calculated from safety tells of it too.
    while waiting:
        link_id = waiting.pop()
        more = {*worked_out.of(link_id), *_inside(form.items[link_id], found)} - found
        found |= more
        waiting += more
    return found


def _inside(item: Item, found: set[str]) -> Iterator[str]:
    """What is safety because of the item around it; help beside a question that is none is not."""
    for child in item.children:
        if item.link_id in found or child.type != "display":
            yield child.link_id


class _WorkedOut:
    """Which items are calculated from others, or appear by them; each expression is read once.

    `of_anything` are those of which nobody can say what they read.
    """

    def __init__(self, form: Form) -> None:
        self.of_anything: set[str] = set()
        self._form = form
        self._asking: dict[str, list[str]] = {}
        # By what they read; of thousands many may read the same.
        self._reading: dict[frozenset[str], list[str]] = {}
        places = Places(form, _variables)
        for item in form.items.values():
            self._add(item, places)
        self._sets: dict[str, list[frozenset[str]]] = {}
        for read in self._reading:
            for link_id in read:
                self._sets.setdefault(link_id, []).append(read)

    def _add(self, item: Item, places: Places) -> None:
        for each in objects(item.raw.get("enableWhen")):
            if isinstance(each.get("question"), str):
                self._asking.setdefault(each["question"], []).append(item.link_id)
        for expression in _expressions(self._form, item):
            read = places.at(item.link_id).linkids(expression, None)
            if read is None:
                self.of_anything.add(item.link_id)
            else:
                self._reading.setdefault(read, []).append(item.link_id)

    def of(self, link_id: str) -> Iterator[str]:
        """What is worked out of an item. Whoever reads a group reads all that is inside it."""
        yield from self._asking.get(link_id, ())
        around: str | None = link_id
        while around is not None:
            for read in self._sets.pop(around, ()):
                # Each is told once.
                yield from self._reading.pop(read, ())
            around = self._form.items[around].parent


def _expressions(form: Form, item: Item) -> Iterator[str]:
    """What works out an item, or whether it is asked."""
    if "extension" not in item.raw:
        return
    domain = form.by_domain.get(item.domain or "")
    # The level of a domain follows the template's own rules, which keep safety out of it.
    is_level = domain is not None and domain.level is item and not domain.masked
    if item.calculated is not None and not is_level:
        yield item.calculated
    for each in values(item.raw, "sdc-questionnaire-enableWhenExpression", "valueExpression"):
        if isinstance(each.get("expression"), str):
            yield each["expression"]


def _variables(element: Mapping[str, Any]) -> dict[str, str]:
    """The variables of an element; one that is no FHIRPath counts too, as it may read anything."""
    found = ((name, given.get("expression")) for name, given in definitions(element).items())
    return {name: text for name, text in found if isinstance(text, str)}
