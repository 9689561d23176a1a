"""What everybody on the staff may say of a service: wrong, full or closed; a curator decides."""

import re
from typing import Final

from flask import Response, make_response, render_template, request
from nhs_number.validate import is_valid

from directory.working_copy import decisions
from directory.working_copy.problems import NotHeld
from template_service import clock
from template_service.errors import Invalid, NotFound
from template_service.web.blueprint import notify, service
from template_service.web.curate_page import act, reason_typed, to, working_copy
from template_service.web.directory import may_curate
from template_service.web.service_view import present

NOBODY: Final = "Take the NHS number out: write about the service, never about a person"
_TEN_DIGITS: Final = re.compile(r"(?<!\d)(?:\d[ -]?){9}\d(?!\d)")
_NOT_DIGITS: Final = re.compile(r"\D")


def flag(service_id: str) -> Response:
    """Keeps what was said of a service as a proposal for the curators, and says thank you."""
    try:
        found = service().directory.service(service_id)
    except KeyError:
        raise NotFound from None
    errors: dict[str, str] = {}
    what = request.form.get("what", "")
    if what not in decisions.FLAGS:
        errors["what"] = "Choose what is the matter"
    reason = reason_typed(errors)
    if names_somebody(reason):
        errors["reason"] = NOBODY
    if not errors:
        with working_copy() as working:
            try:
                decisions.flag(working, service_id, what, **act(), reason=reason)
            except NotHeld:
                errors["what"] = "The curators no longer keep this entry: tell them directly"
    if errors:
        page = render_template(
            "web/service.html",
            service=present(found, clock.today()),
            may_curate=may_curate(),
            failed=True,
            errors=errors,
            what=what,
            reason=reason,
            error_list=[{"text": text, "href": f"#{place}"} for place, text in errors.items()],
        )
        return make_response(page, Invalid.status)
    notify("Thank you. A curator will look into it; until then the entry stays as it is.")
    return to("web.service", service_id=service_id)


def names_somebody(text: str) -> bool:
    """Whether a text holds an NHS number."""
    return any(is_valid(_NOT_DIGITS.sub("", found)) for found in _TEN_DIGITS.findall(text))
