"""Catalogues: every marked text is in each, none is stale, and what is not there stays English."""

from datetime import date
from gettext import NullTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from template_service.actions.sign_in import WrongSignIn
from template_service.cli import main
from template_service.questionnaire.definition import compile_questionnaire
from template_service.web import sign_in, speech
from template_service.web.catalogues import TRANSLATIONS, BadCatalogue, own_name
from template_service.web.form_words import form_words
from template_service.web.messages import marked_messages, problems_of
from template_service.web.pseudo_locale import PSEUDO, mirrored, unmarked
from template_service.web.speech import ENGLISH, Speech, speech_of
from template_service.web.words import british_date, days_ago, listed

DAY = date(2026, 11, 22)
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture(scope="module")
def template() -> Catalog:
    return marked_messages()


@pytest.fixture(autouse=True)
def _english_afterwards() -> object:
    yield
    speech.speak(ENGLISH)


@pytest.fixture
def french(tmp_path: Path) -> Speech:
    """A catalogue with a few messages, some of which do not count."""
    (tmp_path / "fr.po").write_text(
        HEADER + 'msgid "Sign out"\nmsgstr "<b>Sortir</b>"\n\n'
        '#, fuzzy\nmsgid "Plan"\nmsgstr "Devinette"\n\n'
        '#, python-format\nmsgid "%(num)s day ago"\nmsgid_plural "%(num)s days ago"\n'
        'msgstr[0] "il y a %(num)s jour"\nmsgstr[1] "il y a %(num)s jours"\n'
    )
    return speech_of("fr", tmp_path)


def of(catalogue: Catalog, text: str) -> Message:
    found = catalogue.get(text)
    assert found is not None
    return found


def test_every_catalogue_that_is_there_is_complete(template: Catalog) -> None:
    for path in TRANSLATIONS.glob("*.po"):
        with path.open("rb") as lines:
            assert problems_of(read_po(lines, locale=path.stem), template) == (), path.name


def test_a_catalogue_with_a_gap_a_stale_text_or_a_wrong_place_is_not_complete(
    template: Catalog,
) -> None:
    catalogue = Catalog(locale="fr")
    for message in template:
        if message.id:
            forms = tuple(message.id) if message.pluralizable else message.id
            catalogue.add(message.id, forms, flags=message.flags)
    assert problems_of(catalogue, template) == ()
    catalogue.delete("Sign out")
    of(catalogue, "Plan").flags.add("fuzzy")
    catalogue.add("Gone", "Parti")
    of(catalogue, "at %(time)s").string = "à %(heure)s"
    of(catalogue, "%(distance)s km away").string = "à côté"
    assert problems_of(catalogue, template) == (
        "not translated: Plan",
        "not translated: Sign out",
        "no page says: Gone",
        "other placeholders: %(distance)s km away",
        "other placeholders: at %(time)s",
    )


def test_the_texts_of_pages_and_of_python_are_found(template: Catalog) -> None:
    for text in ("Sign out", "There is a problem", "today", "Completed", sign_in._WRONG):
        assert text in template
    assert WrongSignIn.title == sign_in._WRONG


def test_a_translation_is_escaped_and_a_guess_does_not_count(french: Speech) -> None:
    speech.speak(french)
    assert speech.in_page("Sign out") == "&lt;b&gt;Sortir&lt;/b&gt;"
    assert speech.gettext("Plan") == "Plan"
    assert days_ago(date(2026, 11, 20), DAY) == "il y a 2 jours"
    assert british_date(DAY) == "22 novembre 2026"
    assert speech.day_and_month(DAY) == "22 novembre"
    assert own_name("fr") == "Français"


def test_english_needs_no_catalogue() -> None:
    assert british_date(DAY) == "22 November 2026"
    assert listed(["a", "b", "c"]) == "a, b and c"
    for said in (speech.english, speech.as_written, speech.figures, speech.bare):
        assert said("<i>") == "<i>"
    assert speech.in_page("%(name)s’s", name="<i>") == "&lt;i&gt;’s"


@pytest.mark.parametrize("tag", ["xx", "../cy", "fr", "qqqq"])
def test_a_language_without_a_catalogue_is_refused(tag: str) -> None:
    with pytest.raises(BadCatalogue):
        speech_of(tag)


def test_what_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fr.po").write_text('msgid "a\nb')
    with pytest.raises(BadCatalogue):
        speech_of("fr", tmp_path)


def test_a_mirrored_text_is_marked_and_keeps_its_places() -> None:
    assert mirrored("Saved %(when)s.") == "\u200f\u202eSaved\u202c\u200f %(when)s."
    assert mirrored("<b>Now</b> 10%%") == "<b>\u200f\u202eNow\u202c\u200f</b> 10%%"


@given(st.text(st.characters(exclude_characters="\u202e\u202c\u200f<%"), max_size=30))
def test_nothing_but_marks_is_added_and_no_letter_is_left(text: str) -> None:
    said = mirrored(text)
    assert not any(letter.isalpha() for letter in unmarked(said))
    assert said.translate(dict.fromkeys(map(ord, "\u202e\u202c\u200f"))) == text


def test_data_is_set_apart_in_another_language() -> None:
    speech.speak(speech_of(PSEUDO))
    told = speech.gettext("Urgent: %(card)s", card=speech.english("A & B"))
    assert isinstance(told, Markup)
    assert told.endswith('<bdi lang="en-GB" dir="ltr">A &amp; B</bdi>')
    assert speech.bare(told).endswith("\u2068A & B\u2069")
    assert speech.joined(", ", ["<", told]).startswith("&lt;, ")


def test_a_questionnaires_own_translations_are_said_and_the_rest_is_english() -> None:
    french = {
        "url": "http://hl7.org/fhir/StructureDefinition/translation",
        "extension": [
            {"url": "lang", "valueCode": "fr"},
            {"url": "content", "valueString": "Chez vous"},
        ],
    }
    form = compile_questionnaire(
        {
            "resourceType": "Questionnaire",
            "url": "https://example.org/q",
            "language": "en-GB",
            "status": "active",
            "item": [
                {"linkId": "a", "type": "string", "text": "Home", "_text": {"extension": [french]}},
                {"linkId": "b", "type": "string", "text": "Food"},
            ],
        }
    )
    speech.speak(Speech("fr", translations=NullTranslations()))
    words = form_words(form)
    assert words("Home", "a") == words("Home") == "Chez vous"
    assert words("Food", "b") == '<bdi lang="en-GB" dir="ltr">Food</bdi>'
    speech.speak(ENGLISH)
    assert form_words(form)("Home", "a") == "Home"


def test_the_command_makes_a_catalogue_and_keeps_what_is_translated(tmp_path: Path) -> None:
    path = tmp_path / "fr.po"
    catalogue = Catalog(locale="fr")
    catalogue.add("Sign out", "Sortir")
    catalogue.add("Gone", "Parti")
    # What would break a page does not count.
    catalogue.add("at %(time)s", "à %(heure)s")
    with path.open("wb") as lines:
        write_po(lines, catalogue)
    result = CliRunner().invoke(main, ["translation", str(path)])
    assert (result.exit_code, ": 1 of " in result.output) == (0, True)
    with path.open("rb") as lines:
        made = read_po(lines, locale="fr")
    assert of(made, "Sign out").string == "Sortir"
    assert "Gone" not in made
    assert "Plan" in made


@pytest.mark.parametrize("name", ["en-GB.po", "ar-XB.po", "qqqq.po", "fr.po"])
def test_the_command_refuses_what_cannot_be_a_catalogue(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("this is no catalogue")
    result = CliRunner().invoke(main, ["translation", str(path)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert path.read_text() == "this is no catalogue"
