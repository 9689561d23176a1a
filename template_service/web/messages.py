"""Every text of the pages that is marked for translation, found in the sources of the package.

A template for translators is made from them whenever it is wanted, so none can be out of date.
"""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import PoFileError, read_po, write_po

from template_service.errors import Malformed
from template_service.web.catalogues import BadCatalogue, locale_of
from template_service.web.pseudo_locale import PSEUDO
from template_service.web.speech import ENGLISH_TAG

_PAGES: Final = Path(__file__).parent
_METHODS: Final = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}
_WIDTH: Final = 100
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]")


def marked_messages() -> Catalog:
    """The messages as a template without translations, each with the files it is in."""
    found = Catalog(project="template-service", fuzzy=False)
    for path, line, message, comments, context in extract_from_dir(
        _PAGES, _METHODS, keywords=_KEYWORDS
    ):
        found.add(message, locations=[(path, line)], auto_comments=comments, context=context)
    return found


def brought_up_to_date(catalogue: Path) -> tuple[int, int]:
    """Writes a catalogue with exactly the messages there are, and keeps its translations.

    The name of the file is the language: `cy.po`. Makes the file when there is none. Gives how many
    messages are translated with the same placeholders, of how many. Raises `Malformed` for a
    language that cannot have one and for a file that is no catalogue.
    """
    found = _read(catalogue)
    template = marked_messages()
    found.update(template, no_fuzzy_matching=True, update_creation_date=False)
    written = io.BytesIO()
    # Without line numbers: a catalogue changes only when a text does.
    write_po(
        written,
        found,
        width=_WIDTH,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    catalogue.write_bytes(written.getvalue())
    messages = [message for message in found if message.id]
    done = [one for one in messages if _is_translated(one) and _is_sound(one, found)]
    return len(done), len(messages)


def problems_of(catalogue: Catalog, template: Catalog) -> tuple[str, ...]:
    """Why a catalogue is not complete: what it lacks, what no page says any more, wrong places.

    Each is told by the English text. A placeholder must stand in the translation as it does there.
    """
    there = {_key(message): message for message in catalogue if message.id}
    wanted = {_key(message) for message in template if message.id}
    stale = [f"no page says: {key}" for key in there if key not in wanted]
    lacking = [
        f"not translated: {key}"
        for key in wanted
        if key not in there or not _is_translated(there[key])
    ]
    wrong = [
        f"other placeholders: {key}"
        for key, message in there.items()
        if _is_translated(message) and not _is_sound(message, catalogue)
    ]
    return (*sorted(lacking), *sorted(stale), *sorted(wrong))


def _is_translated(message: Message) -> bool:
    """Whether a message has every form, and nobody marked it as a guess."""
    forms = _forms(message.string)
    return bool(forms) and all(forms) and not message.fuzzy


def _is_sound(message: Message, catalogue: Catalog) -> bool:
    needed = set(_PLACEHOLDER.findall(_forms(message.id)[-1]))
    if list(message.check(catalogue)):
        return False
    # A plural may say a small number as a word.
    spared = {"%(num)s"} if message.pluralizable else set()
    found = [set(_PLACEHOLDER.findall(form)) for form in _forms(message.string)]
    return all(needed - spared <= each <= needed for each in found)


def _forms(texts: str | Sequence[str] | None) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts or ())


def _key(message: Message) -> str:
    return _forms(message.id)[0]


def _read(path: Path) -> Catalog:
    language = path.stem
    if language in (ENGLISH_TAG, PSEUDO):
        raise Malformed(f"{language} needs no catalogue")
    try:
        locale = str(locale_of(language))
        if not path.exists():
            return Catalog(locale=locale, project="template-service", fuzzy=False)
        with path.open("rb") as lines:
            return read_po(lines, locale=locale, abort_invalid=True)
    except (BadCatalogue, OSError, ValueError, PoFileError) as problem:
        raise Malformed(f"{path}: {problem}") from None
