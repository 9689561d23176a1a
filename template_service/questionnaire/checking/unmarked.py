"""Questions about danger that nothing marks: what somebody discloses there alarms nobody."""

from collections.abc import Iterable, Mapping
from typing import Any

from template_service.questionnaire.checking.dangers import has_known_code, says_danger
from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import objects
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.languages import translated
from template_service.questionnaire.privacy import is_private_option, private_items
from template_service.questionnaire.value_sets import ValueSets

CHARACTERS_LIMIT = 100_000
"""Characters read of questions, and of value sets; the largest form known here has 9,000."""


def check_unmarked(source: Source, form: Form, languages: Iterable[str], report: Report) -> None:
    """Report questions about danger that are no safety content and raise no urgent card.

    They are found by their codes and by their English words (`checking.dangers`); a group by its
    words where nothing inside it is found or marked. An option that discloses without a card is
    `check_masked`'s to tell. `languages` are those that the questionnaire has texts in.
    """
    private, english = private_items(form), _english(source, languages)
    texts = _Texts(english.resource)
    done: set[str] = set()
    # From the inside: what stands in a group comes after it.
    for item in reversed(source.items):
        asked = form.items[item.link_id]
        is_done = item.place in done or asked.link_id in private or _is_heard(form, asked)
        if asked.type == "display" or asked.calculated is not None:
            continue
        what = None if is_done else _danger(english.by_link_id[item.link_id], texts)
        if what is not None:
            report.on(item, _message(what), "business-rule")
        if is_done or what is not None:
            done |= {each.place for each in item.outwards()}
    if texts.cut_short:
        message = "There is too much text: not all of it was read for questions about danger."
        report.add("Questionnaire", message, "too-costly", "information")


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


def _danger(item: Placed, texts: "_Texts") -> str | None:
    """What danger a question asks about; None when nothing tells that it does."""
    words = texts.danger(item)
    if words:
        return f"danger ('{words}')"
    return "danger (its code says so)" if has_known_code(item.json) else None


class _Texts:
    """What people read of a questionnaire."""

    def __init__(self, resource: Mapping[str, Any]) -> None:
        self._value_sets = ValueSets(resource)
        # By name: thousands of questions may share one.
        self._in_value_sets: dict[str, str] = {}
        # Apart, or a list of ten thousand diseases would leave no question read.
        self._own, self._shared = _Reader(), _Reader()

    @property
    def cut_short(self) -> bool:
        """Whether any of it was left out."""
        return self._own.cut_short or self._shared.cut_short

    def danger(self, item: Placed) -> str:
        """The words that tell of danger in a question or its options; empty when none do."""
        options = objects(item.json.get("answerOption"))
        codings = objects([option.get("valueCoding") for option in options])
        own = [item.json.get("text"), *(option.get("valueString") for option in options)]
        own += (coding.get("display") for coding in codings)
        named = item.json.get("answerValueSet")
        return self._own.first(own) or (self._listed(named) if isinstance(named, str) else "")

    def _listed(self, name: str) -> str:
        if name not in self._in_value_sets:
            shown = (coding.get("display") for coding in self._value_sets.listed(name))
            self._in_value_sets[name] = self._shared.first(shown)
        return self._in_value_sets[name]


class _Reader:
    """Reads texts for words of danger, so many characters; `cut_short` once some were left out."""

    def __init__(self) -> None:
        self._left = CHARACTERS_LIMIT
        self.cut_short = False

    def first(self, texts: Iterable[object]) -> str:
        """The words of danger in the first of the texts that has any; empty when none has."""
        return next(filter(None, (self._read(text) for text in texts if isinstance(text, str))), "")

    def _read(self, text: str) -> str:
        read = text[: self._left]
        self._left -= len(read)
        self.cut_short = self.cut_short or len(read) < len(text)
        return says_danger(read)


def _english(source: Source, languages: Iterable[str]) -> Source:
    """The questionnaire with the English texts it has; any other text as it stands."""
    tags = [tag for tag in languages if tag.casefold()[:3] in ("en", "en-")]
    own = source.resource.get("language")
    if not tags or tags[0] == own:
        return source
    return Source.of(translated(source.resource, tags[0]))
