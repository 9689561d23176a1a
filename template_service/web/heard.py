"""What colleagues said of a service and nobody checked yet, wherever the service is shown.

By its kind only: never in whose words, and never who said it.
"""

import logging
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

from flask import g

from directory.working_copy.heard import Heard, heard
from template_service import clock
from template_service.data_folder import working_copy_file
from template_service.web.blueprint import blueprint, service
from template_service.web.speech import day_and_month, long_date, mark
from template_service.web.speech import gettext as _

_log: Final = logging.getLogger(__name__)

_SAID: Final = {
    "wrong": mark("A colleague said %(day)s that something here may be wrong."),
    "full": mark("A colleague said %(day)s that it may be full."),
    "closed": mark("A colleague said %(day)s that it may be closed."),
}
_HEARD: Final = {
    "wrong": mark("We heard %(day)s that something here may be wrong: ask them before you go."),
    "full": mark("We heard %(day)s that it may be full: ask them before you go."),
    "closed": mark("We heard %(day)s that it may be closed: ask them before you go."),
}
_READ: Final = "heard"


@blueprint.app_template_global("heard")
def sentences(service_id: str) -> list[str]:
    """What was said of a service, a sentence each; read once for a page."""
    return [_sentence(one) for one in _all().get(service_id, ())]


@blueprint.app_template_global("heard_on_paper")
def for_people(service_id: str) -> list[str]:
    """The same for the person who takes the paper home: what to do, not who says what."""
    said = {(_day(one.at), one.kind): None for one in _all().get(service_id, ())}
    return [_(_HEARD[kind], day=day) for day, kind in said]


def _all() -> Mapping[str, tuple[Heard, ...]]:
    if _READ not in g:
        try:
            setattr(g, _READ, heard(working_copy_file(service().settings)))
        except sqlite3.Error:
            # A page about help is worth more than what is said beside it.
            _log.warning("what colleagues said of services could not be read")
            setattr(g, _READ, {})
    return cast("Mapping[str, tuple[Heard, ...]]", g.get(_READ))


def _sentence(one: Heard) -> str:
    then = _("A curator agreed; not published yet.") if one.agreed else _("Not checked yet.")
    return f"{_(_SAID[one.kind], day=_day(one.at))} {then}"


def _day(moment: datetime) -> str:
    day, today = moment.astimezone(clock.LOCAL).date(), clock.today()
    date = day_and_month(day) if day.year == today.year else long_date(day)
    return _("on %(date)s", date=date)
