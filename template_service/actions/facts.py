"""The one door by which facts leave the records: rows without identity, one month at a time."""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from template_service import clock
from template_service.actions.fact_events import NeedDomains, events
from template_service.actions.fact_people import Circumstances, circumstances, needed_interpreter
from template_service.actions.first_counts import First, Month, askings, firsts
from template_service.aggregates.vocabulary import domains
from template_service.clock import LOCAL
from template_service.errors import Invalid, Unavailable
from template_service.records import (
    audit,
    fact_history,
    fact_ledger,
    organisations,
    people,
    revisions,
)
from template_service.records.fact_history import PersonYear
from template_service.records.fact_ledger import Entry, What
from template_service.records.organisations import Kind
from template_service.service import Service

# Nobody is signed in when a month is exported.
ACTOR = "service:facts"


class FactRow(NamedTuple):
    """A fact: one person, domain and month. None is blank; see the design's table of columns."""

    month: str
    person: str
    practice: str
    pcn: str | None
    lsoa: str | None
    ward: str | None
    msoa: str | None
    imd_decile: int | None
    age_band: str | None
    sex: str | None
    ethnic_group: str | None
    language_group: str | None
    domain: str
    state: str | None
    method: str | None
    level: int | None
    wants_help: str | None
    signposted: int
    referred: int
    outcome: str | None


@dataclass(slots=True)
class Tally:
    """How many people and facts came out, and how many of the people have no small area."""

    people: int = 0
    facts: int = 0
    without_area: int = 0


@dataclass(frozen=True, slots=True)
class FactsExport:
    """A month's facts. `rows` are read as they are asked for, and once; `tally` grows with them.

    `sealed`: the month is in the ledger and will never count anything else. `opted_out` is how many
    people of the whole city object, now, to their answers being used: to be told of the city only.
    """

    month: str
    sealed: bool
    opted_out: int
    rows: Iterator[FactRow]
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading a month needs: `practices` has the network of each, looked up once."""

    month: Month
    sealed: bool
    practices: Mapping[str, str | None]
    need_domains: NeedDomains


def export_facts(service: Service, *, month: str, seal: bool = False) -> FactsExport:
    """The facts of a month (`YYYY-MM`), each person counted as `first_counts` says.

    Looking changes nothing. `seal` writes all that the month counts to the ledger, in one
    transaction and before the first row: from then on every export of the month gives these facts,
    less those of whoever objected since, and no later month counts them again. Sealing twice is
    sealing once. Raises Invalid for what is no month, one to come, or one to seal that is not over.
    """
    asked = Month.parse(month)
    now = clock.now()
    if asked.start > now:
        raise Invalid(f"{month} has not begun")
    if seal:
        if asked.end > now:
            raise Invalid(f"{month} is not over: it can be looked at, and sealed when it is")
        _seal(service, asked)
    with service.store.read() as conn:
        sealed = fact_ledger.is_sealed(conn, month)
        opted_out = fact_history.opted_out_people(conn)
    tally = Tally()
    return FactsExport(month, sealed, opted_out, _rows(service, asked, tally), tally)


def write_facts_csv(rows: Iterable[FactRow], path: Path) -> int:
    """Write facts as CSV with a header, readable by the owner only; returns how many rows.

    The file is there whole or not at all. Raises Unavailable naming the file.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    count = 0
    try:
        with open(unfinished, "w", encoding="utf-8", newline="", opener=_private) as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(FactRow._fields)
            for count, row in enumerate(rows, start=1):  # noqa: B007 -- counts as it goes
                writer.writerow(row)
        unfinished.replace(path)
    except OSError as problem:
        raise Unavailable(f"{path}: {problem.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _seal(service: Service, month: Month) -> None:
    """Write what a month counts to the ledger; nothing to do for a sealed one.

    A month that is over does not change, so it is read before the write lock is taken: a large one
    would keep every practice from saving meanwhile. An entry takes about a hundred bytes.
    """
    with service.store.read() as conn:
        if fact_ledger.is_sealed(conn, month.text):
            return
        entries = [
            Entry(one.organisation_id, who.id, one.domain, one.what)
            for who, counted in _people(conn, _reading(service, conn, month))
            for one in counted
        ]
    now = clock.now()
    with service.store.write() as conn:
        if fact_ledger.is_sealed(conn, month.text):
            return
        counts = fact_ledger.seal(conn, month.text, entries, at=now)
        for organisation_id, count in sorted(counts.items()):
            audit.append(
                conn,
                organisation_id,
                actor=ACTOR,
                action="seal-facts",
                at=now,
                detail={"month": month.text, "counted": count},
            )


def _reading(service: Service, conn: Connection, month: Month) -> _Reading:
    found = organisations.organisations(conn, Kind.PRACTICE)
    return _Reading(
        month=month,
        sealed=fact_ledger.is_sealed(conn, month.text),
        practices={each.ods_code: each.parent for each in found},
        need_domains=NeedDomains.of(service.form),
    )


def _rows(service: Service, month: Month, tally: Tally) -> Iterator[FactRow]:
    with service.store.read() as conn:
        reading = _reading(service, conn, month)
        for who, counted in _people(conn, reading):
            home = min(counted, key=lambda one: (one.state is None, one.at))
            about = _about(service, conn, home, before=month.end)
            tally.people += 1
            tally.without_area += about.lsoa is None
            for domain in domains():
                of_domain = {one.what: one for one in counted if one.domain == domain}
                if of_domain:
                    tally.facts += 1
                    yield _row(reading, who, home.organisation_id, about, of_domain)


def _row(
    reading: _Reading,
    who: PersonYear,
    practice: str,
    about: Circumstances,
    of_domain: Mapping[What, First],
) -> FactRow:
    some = next(iter(of_domain.values()))
    asked = of_domain.get(What.ASKED) or of_domain.get(What.NOT_OFFERED)
    ended = of_domain.get(What.HELPED) or of_domain.get(What.ENDED)
    state = asked.state or {} if asked else {}
    return FactRow(
        reading.month.text,
        who.id,
        practice,
        reading.practices.get(practice),
        *about,
        domain=some.domain,
        state=state.get("state"),
        method=state.get("method"),
        level=state.get("level"),
        wants_help=state.get("wants_help"),
        signposted=int(What.SIGNPOSTED in of_domain),
        referred=int(What.REFERRED in of_domain),
        outcome=ended.outcome if ended else None,
    )


def _people(conn: Connection, reading: _Reading) -> Iterator[tuple[PersonYear, tuple[First, ...]]]:
    """Everybody the month counts something of, with what it counts; nobody who objects."""
    month = reading.month
    everybody = fact_history.people_of_year(
        conn, month.year, year_start=month.year_start, recent_since=month.start
    )
    for who in everybody:
        if who.opted_out or not who.recent:
            continue
        organisation_ids = dict.fromkeys(organisation_id for organisation_id, _ in who.records)
        known = fact_ledger.counted(conn, organisation_ids, who.id)
        of_month = tuple(
            one
            for key, one in firsts(_happened(conn, reading, who)).items()
            # Sealed, the ledger alone says what counts; before, what it holds counts elsewhere.
            if one.month == month.text
            and (known.get(key) == month.text if reading.sealed else key not in known)
        )
        if of_month:
            yield who, of_month


def _happened(conn: Connection, reading: _Reading, who: PersonYear) -> Iterator[First]:
    """Everything of a person's financial year up to the month's end, at all their practices."""
    month = reading.month
    for organisation_id, person_id in who.records:
        record = {"organisation_id": organisation_id, "person_id": person_id}
        saved = fact_history.saved_states(conn, **record, since=month.year_start, before=month.end)
        yield from askings(saved, month, **record)
        yield from events(conn, month, reading.need_domains, **record)


def _about(service: Service, conn: Connection, home: First, *, before: datetime) -> Circumstances:
    """Who the facts of a person's month are about: one practice and one day for all of them."""
    person = people.person(conn, home.organisation_id, home.person_id)
    assert person is not None  # noqa: S101 -- a foreign key holds it
    return circumstances(
        service.geography,
        person,
        on=home.at.astimezone(LOCAL).date(),
        interpreted=_interpreted(conn, home, before),
    )


def _interpreted(conn: Connection, home: First, before: datetime) -> bool:
    """Whether the response behind a fact says so, in its last revision before a moment."""
    if home.response_id is None:
        return False
    last = fact_history.last_states(conn, home.organisation_id, home.response_id, before=before)
    if last is None:
        return False
    kept = revisions.revision(conn, home.organisation_id, home.response_id, last.revision)
    return kept is not None and needed_interpreter(orjson.loads(kept.body))
