"""The page an organisation opens by its link: its entry, and changes it proposes.

Nothing changes until a curator accepts. Nobody signs in here, and nothing of people is shown.
"""

from typing import TYPE_CHECKING, Final

from flask import Response, current_app, make_response, render_template, request
from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from directory.model import Service, service_record
from directory.working_copy import decisions, edits, graphs
from directory.working_copy.problems import NotHeld, Refused
from template_service import clock
from template_service.errors import NotFound, TooManyRequests
from template_service.web import suggest_links
from template_service.web.curate_fields import label, shown, typed, wanted
from template_service.web.curate_page import reason_typed, working_copy
from template_service.web.curate_sections import FIELDS
from template_service.web.flagging import NOBODY, names_somebody

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

# What an organisation knows best; the rest is a curator's judgement.
_ASKED: Final = {
    name: FIELDS[name]
    for name in (
        "name",
        "organisation",
        "description",
        "phone",
        "email",
        "url",
        "address",
        "postcode",
        "opening_hours",
        "schedules",
        "cost",
        "eligibility",
        "exclusions",
        "minimum_age",
        "maximum_age",
        "languages",
        "self_referral",
        "professional_referral",
        "drop_in",
        "status",
    )
}
# What staff read besides: shown, so that the organisation can say what is wrong about it.
_SHOWN: Final = ("caution", "needs", "channels")
WHO: Final = "the organisation"
# A form is sent once, or a few times with what was forgotten; opening it is cheap.
_SENDS: Final = RateLimitItemPerHour(10)
_OPENS: Final = RateLimitItemPerHour(300)
_LIMITER: Final = "template_service_suggest_limiter"


def page(token: str) -> Response:
    """The entry as a form, and the proposals that come of it.

    Whoever has a link that leads nowhere is told to ask for another: here is nothing else for them.
    """
    try:
        return _answered(token)
    except suggest_links.LinkExpired as expired:
        return _simple("expired", expired.status)
    except NotFound as broken:
        return _simple("broken", broken.status)
    except TooManyRequests as often:
        return _simple("often", often.status)


def _answered(token: str) -> Response:
    _slow_down("opens", request.remote_addr or "", _OPENS)
    service_id = suggest_links.service_of(token)
    with working_copy() as working:
        try:
            found = edits.current(working, graphs.open_service(working.database, service_id))
        except (NotHeld, Refused):
            raise NotFound from None
        if request.method == "POST":
            _slow_down("sends", service_id, _SENDS)
            return _sent(working, found)
    return _form(found, {}, "")


def _sent(working: "WorkingCopy", found: Service) -> Response:
    asked = wanted(found, _ASKED, request.form)
    errors = dict(asked.errors)
    reason = reason_typed(errors)
    if names_somebody(reason):
        errors["reason"] = NOBODY
    if not errors and not asked.changes and not reason:
        return _simple("same", 200, name=found.name)
    if not errors:
        try:
            with working.writing():
                if asked.changes:
                    decisions.propose(
                        working, found.id, asked.changes, by=WHO, now=clock.now(), reason=reason
                    )
                else:
                    decisions.flag(
                        working,
                        found.id,
                        "wrong",
                        by=WHO,
                        now=clock.now(),
                        reason=reason,
                        origin="organisation",
                    )
        except Refused as refused:
            errors["name"] = str(refused)
    if errors:
        return _form(found, errors, reason)
    return _simple("thanks", 200, name=found.name)


def _form(found: Service, errors: dict[str, str], reason: str) -> Response:
    record = service_record(found)
    values = {
        name: request.form.get(name, "") if errors else typed(field, record.get(name, field.blank))
        for name, field in _ASKED.items()
    }
    page = render_template(
        "web/curate/suggest.html",
        name=found.name,
        fields=list(_ASKED.values()),
        values=values,
        facts=[(label(name), shown(name, record.get(name))) for name in _SHOWN],
        reason=reason,
        days=suggest_links.GOOD_FOR.days,
        errors=errors,
        failed=bool(errors),
        error_list=[{"text": text, "href": f"#{place}"} for place, text in errors.items()],
    )
    return make_response(page, 422 if errors else 200)


def _simple(which: str, status: int, **values: str) -> Response:
    page = render_template("web/curate/suggested.html", which=which, **values)
    return make_response(page, status)


def _slow_down(what: str, whose: str, limit: RateLimitItemPerHour) -> None:
    limiter = current_app.extensions.setdefault(_LIMITER, FixedWindowRateLimiter(MemoryStorage()))
    if not limiter.hit(limit, what, whose):
        raise TooManyRequests
