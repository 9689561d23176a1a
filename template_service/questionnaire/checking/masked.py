"""Safety content: that a disclosure is heard, and that nobody expects to extract any of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import objects
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.extraction.observations import EXTRACT, RELATIONSHIPS
from template_service.questionnaire.form import Form, Item, Option
from template_service.questionnaire.privacy import is_private_item

_NOBODY = ": a disclosure here alarms nobody."
_WORDS = 60


def check_masked(source: Source, form: Form, report: Report) -> None:
    """Report safety content whose answers alarm nobody, or would be extracted as Observations.

    A domain raises its cards by the template's own rules, so what is inside one is not looked at
    for cards. That observationExtract reaches something of safety is an error: it would never come
    out (`extraction.masking`), and whoever wrote it expects that it does.
    """
    _check_heard(form, source, report)
    _check_reached(source, form, report)


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
