"""Needs that no running service of the published directory covers, and how well the others are."""

from collections.abc import Iterable
from typing import NamedTuple

from flask import Response

from directory.model import NEEDS, Service
from template_service.aggregates.areas import Areas
from template_service.aggregates.kept_figures import ReportingNotInstalled, reporting
from template_service.web.blueprint import service
from template_service.web.curate_page import curate_page


class NeedLine(NamedTuple):
    """The running services for a need: all, those rung, without any contact, for everywhere.

    `everywhere`: for the whole country, or nobody stated which area.
    """

    need: str
    phrase: str
    running: int
    rung: int
    no_contact: int
    everywhere: int


class Tally(NamedTuple):
    """All running services, those of them rung, and those without any contact."""

    running: int
    rung: int
    no_contact: int


def page() -> Response:
    """Each need with the wards that have nothing for it."""
    running = service()
    lines = need_lines(running.directory.services())
    tally = tally_of(one for one in running.directory.services() if one.status == "active")
    try:
        with reporting():
            # Counts with what the extra `reports` brings; the other pages do without.
            from template_service.aggregates.provision import unmet_needs  # noqa: PLC0415
    except ReportingNotInstalled:
        return curate_page("gaps.html", unmet=(), lines=lines, tally=tally, installed=False)
    unmet = unmet_needs(running.directory, Areas.of(running.geography))
    return curate_page("gaps.html", unmet=unmet, lines=lines, tally=tally, installed=True)


def tally_of(services: Iterable[Service]) -> Tally:
    """How many services there are, and how well somebody could reach them."""
    given = tuple(services)
    return Tally(
        len(given),
        sum(one.verified_on is not None for one in given),
        sum(not (one.phone or one.email or one.url) for one in given),
    )


def need_lines(services: Iterable[Service]) -> list[NeedLine]:
    """How many running services each need has, in order of its phrase."""
    by_need: dict[str, list[Service]] = {need: [] for need in NEEDS}
    for one in services:
        for need in one.needs if one.status == "active" else ():
            by_need[need].append(one)
    return [
        NeedLine(
            need,
            phrase,
            *tally_of(by_need[need]),
            sum(one.national or not one.service_area for one in by_need[need]),
        )
        for need, phrase in sorted(NEEDS.items(), key=lambda item: item[1].casefold())
    ]
