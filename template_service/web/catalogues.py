"""Translations of the pages: `.po` files read at the start, and the test language.

English has no catalogue: its texts are the message ids. A catalogue that lies in `translations` is
complete, which a test proves.
"""

import gettext
import io
from pathlib import Path
from typing import Final

from babel.core import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from template_service.errors import ServiceError
from template_service.web.pseudo_locale import PSEUDO, PseudoTranslations, mirrored

TRANSLATIONS: Final = Path(__file__).parent / "translations"


class BadCatalogue(ServiceError):
    """A catalogue that is not there or cannot be read."""


def translations_of(language: str, folder: Path = TRANSLATIONS) -> gettext.NullTranslations:
    """The messages of a language, in memory; raises `BadCatalogue`.

    What is marked fuzzy in a catalogue is somebody's guess, and counts as not translated.
    """
    if language == PSEUDO:
        return PseudoTranslations()
    path = folder / f"{language}.po"
    try:
        with path.open("rb") as lines:
            catalogue = read_po(lines, locale=str(locale_of(language)), abort_invalid=True)
    except (OSError, ValueError, PoFileError):
        raise BadCatalogue(f"There is no catalogue that can be read for {language}") from None
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def locale_of(language: str) -> Locale:
    """What Unicode CLDR knows of a language: plural rules, names, dates. Raises `BadCatalogue`."""
    if language == PSEUDO:
        return Locale("en", "GB")
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        raise BadCatalogue(f"Nothing is known of the language {language}") from None


def own_name(language: str) -> str:
    """What a language calls itself, as a menu of languages names it."""
    if language == PSEUDO:
        return mirrored(f"Test language ({PSEUDO})")
    name = locale_of(language).get_language_name() or language
    return name[:1].upper() + name[1:]
