"""Questions about danger that nothing marks: what somebody discloses there alarms nobody."""

from collections.abc import Iterator

from template_service.questionnaire.checking.dangers import has_known_code, says_danger
from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import objects
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.languages import languages_of, translated
from template_service.questionnaire.privacy import is_private_option, private_items
from template_service.questionnaire.value_sets import ValueSets

_ENGLISH = "en"


def check_unmarked(source: Source, form: Form, report: Report) -> None:
    """Report questions about danger that are no safety content and raise no urgent card.

    They are found by their codes and by their English words (`checking.dangers`); a group by its
    words where nothing inside it is found or marked. An option that discloses without a card is
    `check_masked`'s to tell.
    """
    private, english = private_items(form), _english(source)
    value_sets = ValueSets(english.resource)
    done: set[str] = set()
    # From the inside: what stands in a group comes after it.
    for item in reversed(source.items):
        asked = form.items[item.link_id]
        is_done = item.place in done or asked.link_id in private or _is_heard(form, asked)
        if asked.type == "display" or asked.calculated is not None:
            continue
        what = None if is_done else _danger(english.by_link_id[item.link_id], value_sets)
        if what is not None:
            report.on(item, _message(what), "business-rule")
        if is_done or what is not None:
            done |= {each.place for each in item.outwards()}


def _message(what: str) -> str:
    return (
        f"This asks about {what} but it is not marked as safety (sdoh-masked), and no answer "
        "raises an urgent card: a disclosure here alarms nobody and everybody can read it."
    )


def _is_heard(form: Form, item: Item) -> bool:
    """Whether an answer is known to disclose, or raises a card by its domain."""
    if any(option.discloses or is_private_option(option) for option in item.options):
        return True
    domain = form.by_domain.get(item.domain or "")
    return domain is not None and domain.floor_card is not None


def _danger(item: Placed, value_sets: ValueSets) -> str | None:
    """What danger a question asks about; None when nothing tells that it does."""
    words = says_danger(_texts(item, value_sets))
    if words:
        return f"danger ('{words}')"
    return "danger (its code says so)" if has_known_code(item.json) else None


def _texts(item: Placed, value_sets: ValueSets) -> Iterator[str]:
    """The words of a question and of its options."""
    named = item.json.get("answerValueSet")
    codings = [*value_sets.listed(named)] if isinstance(named, str) else []
    options = objects(item.json.get("answerOption"))
    codings += objects([option.get("valueCoding") for option in options])
    shown = [item.json.get("text"), *(option.get("valueString") for option in options)]
    shown += (coding.get("display") for coding in codings)
    return (text for text in shown if isinstance(text, str))


def _english(source: Source) -> Source:
    """The questionnaire with the English texts it has; any other text as it stands."""
    tags = [tag for tag in languages_of(source.resource) if tag.casefold()[:3] in ("en", "en-")]
    own = source.resource.get("language")
    if not tags or tags[0] == own:
        return source
    return Source.of(translated(source.resource, tags[0]))
