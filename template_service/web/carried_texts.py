"""What somebody typed into a form that cannot be sent again, as lines to copy.

Somebody else may look on: whatever is or may be safety is left out, as is what is true of one visit
only. A field that its form does not know cannot be shown to be harmless.
"""

from collections.abc import Iterator

from flask import current_app

from template_service.errors import ServiceError
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.privacy import is_private_option, private_items
from template_service.web.answers_form import PER_VISIT
from template_service.web.blueprint import service
from template_service.web.carried import SAVE_QUESTIONNAIRE, SAVE_TEMPLATE, Carried
from template_service.web.questionnaire_fields import chosen_option
from template_service.web.questionnaire_gate import is_about_suicide, tells_of_suicide

# Parts of a field's name under which somebody types or ticks; the others are of the page itself.
_PARTS = frozenset({"q", "other", "day", "month", "year", "time", "unit", "title", "kind"})
# Of any other form: what no one sees, and the buttons.
_OF_THE_PAGE = frozenset(
    {"act", "decision", "every", "seen", "shown", "service", "service_id", "proposal", "edition"}
)


def typed_texts(held: Carried) -> tuple[str, bool]:
    """A line for each field that may be shown, and whether the form may have asked for safety.

    That says nothing of what was answered: it is the same for every page of a form.
    """
    if not held.is_draft:
        shown = (text for name, text in held.fields if name not in _OF_THE_PAGE)
        return _lines(shown), False
    form = _form(held)
    if form is None:
        return "", True
    return _lines(_answers(form, held)), True


def _lines(texts: Iterator[str]) -> str:
    return "\n".join(text.replace("\r\n", "\n").strip() for text in texts if text.strip())


def _form(held: Carried) -> Form | None:
    """The form in the version that was on the page, or None when nobody has it any more."""
    if held.endpoint == SAVE_TEMPLATE:
        return service().form
    path = held.address.partition("?")[0]
    version = dict(held.fields).get("version", "")
    try:
        _, values = current_app.url_map.bind("").match(path, "POST")
        url = service().forms.listed_by_id(values["questionnaire_id"]).url
        return service().forms.find(f"{url}|{version}" if version else url)
    except ServiceError:
        return None


def _answers(form: Form, held: Carried) -> Iterator[str]:
    for name, text in held.fields:
        link_id = _link_id(held, name)
        item = form.items.get(link_id)
        said = "" if item is None or link_id in PER_VISIT else _said(form, item, text)
        if item is not None and said:
            yield f"{item.text or link_id}: {said}"


def _link_id(held: Carried, name: str) -> str:
    if held.endpoint != SAVE_QUESTIONNAIRE:
        return name
    part, _, link_id = name.partition(":")
    return link_id if part.rstrip("0123456789.") in _PARTS else ""


def _said(form: Form, item: Item, text: str) -> str:
    """An answer in words; empty for what must not be shown, and where nothing was answered."""
    domain = form.by_domain.get(item.domain or "")
    is_safety = item.masked or item.link_id in private_items(form) or is_about_suicide(item)
    if is_safety or (domain is not None and domain.masked) or not text.strip():
        return ""
    option = chosen_option(item, text) if item.options else None
    if option is not None:
        return "" if is_private_option(option) or tells_of_suicide(option) else option.display
    # Beside options of safety, what was typed may say what they say.
    return "" if any(map(is_private_option, item.options)) else text
