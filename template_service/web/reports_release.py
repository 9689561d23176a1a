"""One release: how it was made and audited, its files, and its headline beside another's."""

from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from flask import request, url_for

from template_service.aggregates.areas import CITY
from template_service.aggregates.releases import Release, release_of, releases
from template_service.aggregates.report.figures import Area
from template_service.aggregates.report.wording import period_name
from template_service.aggregates.vocabulary import ALL, ANY
from template_service.errors import Unavailable
from template_service.web.reports_choice import Option, options
from template_service.web.reports_figures import Share, chosen
from template_service.web.reports_overview import audit_in_words, line
from template_service.web.reports_page import aggregates_folder, report_page
from template_service.web.reports_release_file import PARQUET, Size, files_of
from template_service.web.reports_steps import steps
from template_service.web.words import Fact

_KEPT: Final = 32
_UNITS: Final = ("bytes", "kB", "MB", "GB")
_STEP: Final = 1000


class Headline(NamedTuple):
    """The city's steps in the widest period of a release."""

    release: str
    period: str
    steps: list[tuple[str, Share]]


def page(release_id: str) -> str:
    """A release, beside the one before it or the one the address names; raises `NotFound`."""
    folder = aggregates_folder()
    release, every = release_of(folder, release_id), releases(folder)
    beside = request.args.get("with", "")
    other = release_of(folder, beside) if beside else _before(release, every)
    headlines = [_headline(each) for each in filter(None, (release, other))]
    files = [
        (name, url_for("web.release_file", release_id=release.id, name=name), _told(size))
        for name, size in files_of(release)
    ]
    return report_page(
        "release.html",
        None,
        release=line(release),
        facts=_facts(release),
        files=[link for link in files if "/" not in link[0]],
        pages=[link for link in files if "/" in link[0]],
        fields=(("with", "Beside", _options(release, every, other)),) if len(every) > 1 else (),
        headlines=headlines,
        rows=_side_by_side(headlines),
    )


def _before(release: Release, every: tuple[Release, ...]) -> Release | None:
    number = release.document["number"]
    return next((each for each in every if each.document["number"] < number), None)


def _options(release: Release, every: tuple[Release, ...], other: Release | None) -> list[Option]:
    named = {each.id: each.id for each in every if each.id != release.id}
    return options(named, other.id if other else "")


def _facts(release: Release) -> list[Fact]:
    document = release.document
    audit = document["audit"]
    return [
        Fact("Made on", line(release)["made"]),
        Fact("Months", ", ".join(period_name(month) for month in release.months)),
        Fact("Periods in its files", "; ".join(period_name(str(it)) for it in release.periods)),
        Fact(
            "Audit",
            f"{audit_in_words(audit)}. Exact: {audit['exact']}, narrow: {audit['narrow']}",
        ),
        Fact("Method", document["method"]),
        Fact("Rounding", f"Multiples of {document['rounding_base']}"),
        Fact("Deprivation", document["imd_edition"]),
        Fact("Made-up people", "Yes: a demonstration" if document["demonstration"] else "No"),
        Fact("Content hash", document["content"]),
    ]


def _told(size: Size) -> str:
    """A size people can read, and what is left out of the file on its way."""
    if size.whole:
        return size_in_words(size.bytes)
    return f"up to {size_in_words(size.bytes)}, without the figures of practices"


def size_in_words(size: int) -> str:
    """A number of bytes as `640 bytes`, `32 kB`, `1.9 MB`, `120 MB`: thousands, as on disks."""
    amount, unit = float(size), 0
    while round(amount) >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    digits = int(unit > 1 and round(amount, 1) < 10)
    return f"{amount:.{digits}f} {_UNITS[unit]}"


def _headline(release: Release) -> Headline:
    widest = str(release.periods[-1])
    table = _of_the_city(release.path / PARQUET, widest)
    told = chosen(table, domain=ANY, breakdown=ALL)
    area = Area(widest, CITY, release.document["geography"]["code"])
    return Headline(release.id, period_name(widest), steps(told, area))


@lru_cache(maxsize=_KEPT)
def _of_the_city(path: Path, period: str) -> pa.Table:
    """The headline as the release itself holds it: it never changes."""
    wanted = {"period": period, "geography_type": CITY, "domain": ANY, "breakdown": ALL}
    try:
        return pq.read_table(path, filters=[(name, "=", word) for name, word in wanted.items()])
    except (OSError, pa.ArrowException):
        raise Unavailable(f"{path.parent.name}: its figures cannot be read") from None


def _side_by_side(headlines: list[Headline]) -> list[tuple[str, list[Share]]]:
    columns = [headline.steps for headline in headlines]
    return [(rows[0][0], [each for _, each in rows]) for rows in zip(*columns, strict=True)]
