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

_log: Final = logging.getLogger(__name__)

_WORDS: Final = {
    "wrong": "something here may be wrong",
    "full": "it may be full",
    "closed": "it may be closed",
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
    return [f"We heard {day} that {_WORDS[kind]}: ask them before you go." for day, kind in said]


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
    then = "A curator agreed; not published yet." if one.agreed else "Not checked yet."
    return f"A colleague said {_day(one.at)} that {_WORDS[one.kind]}. {then}"


def _day(moment: datetime) -> str:
    day, today = moment.astimezone(clock.LOCAL).date(), clock.today()
    year = "" if day.year == today.year else f" {day.year}"
    return f"on {day.day} {day:%B}{year}"
