"""Closed months of a made-up city of three networks, and what has been released of them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from template_service.aggregates.areas import Areas
from template_service.aggregates.figures import Sources
from template_service.aggregates.folder import RELEASES
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.releases import Release
from template_service.aggregates.vocabulary import CATEGORIES, IMD_DECILES
from tests.unit.aggregates.closed_city import cell, write_cube
from tests.unit.aggregates.report.made_up import CITY_CODE, SHARE, STEPS

DEPRIVED, LEAFY, MIXED = "U20001", "U20002", "U20003"
NAMES = {
    DEPRIVED: "Made-up Beck PCN",
    LEAFY: "Made-up Hill & Long Valley PCN",
    MIXED: "Burmantofts, Harehills & Made-up Hill PCN",
}
MONTHS = ("2026-07", "2026-08", "2026-09")
# People asked in a month by decile, in shares.
_DECILES = {
    DEPRIVED: (62, 21, 9, 5, 3, 0, 0, 0, 0, 0),
    LEAFY: (0, 0, 2, 5, 9, 12, 15, 19, 21, 17),
    MIXED: (14, 10, 10, 9, 11, 9, 10, 9, 9, 9),
}
_PEOPLE = {DEPRIVED: 1900, LEAFY: 1300, MIXED: 4200}
_AGES = (6, 6, 6, 12, 26, 26, 13, 5, 0)
_OTHERS = {
    "sex": (50, 48, 1, 1),
    "ethnic_group": (12, 6, 4, 66, 8, 1, 2, 1),
    "language_group": (84, 9, 5, 2),
}
AREAS = Areas(
    city=CITY_CODE,
    names={
        "city": {CITY_CODE: "Leeds"},
        "pcn": NAMES,
        "practice": {f"B8{code[1:]}": f"Practice of {name}" for code, name in NAMES.items()},
        "ward": {"E05000001": "First Made-up Ward", "E05000002": "Second Made-up Ward"},
        "msoa": {},
    },
    pcn_of={f"B8{code[1:]}": code for code in NAMES},
    small_areas={
        f"E010000{decile:02}": (decile, f"E0500000{1 + decile // 6}") for decile in range(1, 11)
    },
    imd_edition="IMD 2019",
)


def parts(total: int, shares: Sequence[float]) -> list[int]:
    """A number of people as multiples of 5 in these shares, which add up to it."""
    ends = [
        0,
        *(5 * round(total * sum(shares[: i + 1]) / sum(shares) / 5) for i in range(len(shares))),
    ]
    return [high - low for low, high in pairwise(ends)]


def close_months(folder: Path, months: Sequence[str] = MONTHS, *, size: float = 1.0) -> None:
    """Write the cubes of these months."""
    for month in months:
        write_cube(folder, month, _rows(month, size))


def released(folder: Path, months: Sequence[str] = MONTHS) -> ReleasedFigures:
    """These months as a release of a demonstration would open them."""
    document: dict[str, Any] = {"id": "2026-09-001", "months": list(months), "demonstration": True}
    release = Release("2026-09-001", folder / RELEASES / "2026-09-001", document)
    return ReleasedFigures(release, Sources.open(folder, AREAS, months))


def lists(folder: Path) -> Path:
    """A file of registered lists: twelve people for each one asked in a month."""
    lines = ["practice,pcn,sex,age_band,lsoa,registered"]
    for code, deciles in _DECILES.items():
        for decile, share in enumerate(deciles, start=1):
            for band in ("0-4", "5-9", "10-14", "30-34", "60-64", "90+"):
                people = 2 * _PEOPLE[code] * share // 100
                lines.append(f"B8{code[1:]},{code},female,{band},E010000{decile:02},{people}")
    path = folder / "lists.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def _rows(month: str, size: float) -> Iterator[dict[str, Any]]:
    for code, people in _PEOPLE.items():
        place: dict[str, Any] = {"practice": f"B8{code[1:]}", "pcn": code}
        asked = 5 * round(people * size / 5)
        for domain, share in SHARE.items():
            # Need falls from decile to decile, so a network's own follows from where people live.
            slope = [max(1.75 - 0.15 * int(decile), 0.1) for decile in IMD_DECILES]
            by_decile = parts(asked, _DECILES[code])
            needs = [
                5 * round(n * share * tilt / 500) for n, tilt in zip(by_decile, slope, strict=True)
            ]
            for breakdown, categories in CATEGORIES.items():
                shares = _AGES if breakdown == "age_band" else _OTHERS.get(breakdown, (1,))
                whole = breakdown == "imd_decile"
                asks = [*by_decile, 0] if whole else parts(asked, shares)
                need = [*needs, 0] if whole else parts(sum(needs), shares)
                for category, one, other in zip(categories, asks, need, strict=True):
                    steps = {step: 5 * int(other * part / 5) for step, part in STEPS.items()}
                    counts = steps | {
                        "asked": one,
                        "need": min(other, one),
                        "declined": 5 * int(one * 0.07 / 5),
                        "not_offered": 5 * int(one * 0.04 / 5),
                    }
                    known: dict[str, Any] = place | counts
                    yield cell(month, domain, (breakdown, category), **known)
