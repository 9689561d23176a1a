"""Safety content: a disclosure is heard and can be asked about, and only safety is kept back."""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import objects
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.extraction.observations import EXTRACT, RELATIONSHIPS
from template_service.questionnaire.form import Form, Item, Option
from template_service.questionnaire.privacy import (
    is_private_item,
    is_private_option,
    items_of_anything,
    private_items,
)
from template_service.questionnaire.problems import shown

_NOBODY = ": a disclosure here alarms nobody."
_WORDS = 60
# Several options of one question are ticked, not filled in row by row.
_WITHOUT_ROWS = frozenset({"display", "choice"})


def check_masked(source: Source, form: Form, report: Report) -> None:
    """Report safety content whose answers alarm nobody, or would be extracted as Observations.

    And what stands in rows, where no page asks for it, and what is kept back as if it were safety.

    A domain raises its cards by the template's own rules, so what is inside one is not looked at
    for cards. That observationExtract reaches something of safety is an error: it would never come
    out (`extraction.masking`), and whoever wrote it expects that it does.
    """
    _check_heard(form, source, report)
    _check_reached(source, form, report)
    _check_rows(source, form, report)
    _check_kept_back(source, form, report)


def extracted(element: Mapping[str, Any]) -> bool | None:
    """What observationExtract says on an element; None when it says nothing that is known."""
    extension = next(extensions(element, EXTRACT), {})
    given = extension.get("valueBoolean", extension.get("valueCode"))
    if isinstance(given, bool):
        return given
    return True if isinstance(given, str) and given in RELATIONSHIPS else None


def _check_heard(form: Form, source: Source, report: Report) -> None:
    for item in form.items.values():
        if item.domain is not None or item.calculated is not None or not item.options:
            continue
        disclosing = [option for option in item.options if option.discloses]
        unheard = next((one for one in disclosing if not _raises_card(one)), None)
        if unheard is not None:
            words = unheard.display[:_WORDS]
            message = f"'{words}' discloses something but raises no urgent card{_NOBODY}"
            report.on(source.by_link_id[item.link_id], message, "business-rule")
        elif is_private_item(item) and not form.cards and not disclosing:
            message = f"It is safety content, but no answer here raises an urgent card{_NOBODY}"
            report.on(source.by_link_id[_outermost(form, item).link_id], message, "business-rule")


def _raises_card(option: Option) -> bool:
    return option.urgent is not None or option.card is not None


def _outermost(form: Form, item: Item) -> Item:
    """The item of safety furthest out around one, or itself."""
    while item.parent is not None and is_private_item(form.items[item.parent]):
        item = form.items[item.parent]
    return item


def _check_reached(source: Source, form: Form, report: Report) -> None:
    said: set[str] = set()
    for item in source.items:
        compiled = form.items.get(item.link_id)
        if compiled is None or not is_private_item(compiled) or not _reached(item, source):
            continue
        outermost = source.by_link_id[_outermost(form, compiled).link_id]
        if outermost.link_id not in said:
            said.add(outermost.link_id)
            message = (
                "observationExtract reaches it, although it is safety content, which is never "
                "extracted. Put observationExtract false on it."
            )
            report.on(outermost, message, "business-rule", "error")


def _check_rows(source: Source, form: Form, report: Report) -> None:
    """The pages show nothing of safety again, so they could not tell its rows apart."""
    private, said = private_items(form), set[str]()
    for link_id, item in form.items.items():
        is_safety = link_id in private or any(map(is_private_option, item.options))
        rows = _rows_around(form, item) if is_safety else None
        if rows is not None and rows.link_id not in said:
            said.add(rows.link_id)
            message = (
                f"It is safety content in rows ({shown(rows.link_id)} repeats), which no page can "
                "show safely: the questionnaire is kept, but 'Cannot be asked on this page yet'."
            )
            report.on(source.by_link_id[link_id], message, "not-supported")


def _rows_around(form: Form, item: Item) -> Item | None:
    """What stands on a page in rows: the item, or else the nearest around it."""
    here: Item | None = item
    while here is not None:
        if here.repeats and here.type not in _WITHOUT_ROWS and not here.options:
            return here
        here = form.items[here.parent] if here.parent is not None else None
    return None


def _check_kept_back(source: Source, form: Form, report: Report) -> None:
    for link_id in items_of_anything(form):
        if not is_private_item(form.items[link_id]):
            message = (
                "Nobody can say what its expression reads. It may read safety answers, so it is "
                "shown to nobody who must not see them; name the items it reads by linkId."
            )
            report.on(source.by_link_id[link_id], message, "business-rule", "information")


def _reached(item: Placed, source: Source) -> bool:
    """Whether answers to an item become Observations: it has a code, and it or one around says so.

    A code may say so itself.
    """
    return bool(objects(item.json.get("code"))) and next(_sayings(item, source), False)


def _sayings(item: Placed, source: Source) -> Iterator[bool]:
    """What observationExtract says at an item and around it, from the inside."""
    for element in (*(one.json for one in item.outwards()), source.resource):
        said = extracted(element)
        if said is None and any(extracted(code) for code in objects(element.get("code"))):
            said = True
        if said is not None:
            yield said
