"""Who looks for a service, as far as finding one needs to know."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Self
from zoneinfo import ZoneInfo

from directory.geography import Place
from directory.languages import language_name
from directory.model import DAYS, OLDEST, SEXES, TENURES

# Opening hours and review dates are the UK's, whatever zone `now` is written in.
LOCAL: Final = ZoneInfo("Europe/London")

UNITED_KINGDOM: Final = "K02000001"
ENGLAND: Final = "E92000001"
# The country of a local authority is the first letter of its ONS code.
_COUNTRIES: Final = {"E": ENGLAND, "N": "N92000002", "S": "S92000003", "W": "W92000004"}

# The household answers also follow from the person's own age (the template's age bands).
_OWN_AGE_BANDS: Final = ((0, 4, "under5"), (5, 17, "school"), (65, 200, "over65"))

DECLINED: Final = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeker:
    """A person's needs and what decides which services are for them; None or empty is unknown.

    `needs` come in the order wanted; `urgent` are those that must be met today. `place` is where
    they live, or around their practice (`Geography.place_by_practice`) when that is unknown.
    `ages` are the youngest and oldest they may be, where `age` itself is not known.
    `language` is a BCP 47 code or an English name. `tenure` and `household` are the template's
    answer codes. `access_needs` are words to look for in what a service offers ("BSL",
    "step-free"). `now` carries a time zone.
    """

    needs: tuple[str, ...]
    now: datetime
    urgent: frozenset[str] = frozenset()
    place: Place | None = None
    age: int | None = None
    ages: tuple[int, int] | None = None
    sex: str | None = None
    language: str | None = None
    tenure: str | None = None
    household: frozenset[str] = frozenset()
    access_needs: frozenset[str] = frozenset()
    no_public_funds: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A seeker made ready to be compared with many services.

    `areas` are the ONS codes of the areas around the person, empty when the place is unknown;
    `not_covered` says that a service does not reach them. `ages` are the youngest and the oldest
    they may be; None when nothing is known.
    `household` holds the person's own age band even when the question was not answered;
    `language` is a case-folded name.
    """

    seeker: Seeker
    today: date
    weekday: str
    time: str
    areas: frozenset[str]
    ages: tuple[int, int] | None
    not_covered: str
    sex: str | None
    tenure: str | None
    household: frozenset[str]
    household_answered: bool
    language: str | None
    access_needs: tuple[str, ...]

    @classmethod
    def of(cls, seeker: Seeker) -> Self:
        """The profile of a seeker."""
        local = seeker.now.astimezone(LOCAL)
        ages = seeker.ages if seeker.age is None else (seeker.age, seeker.age)
        return cls(
            seeker=seeker,
            today=local.date(),
            weekday=DAYS[local.weekday()],
            time=f"{local.hour:02}:{local.minute:02}",
            areas=area_codes(seeker.place),
            ages=ages,
            not_covered=_not_covered(seeker.place),
            sex=seeker.sex if seeker.sex in SEXES else None,
            tenure=seeker.tenure if seeker.tenure in TENURES else None,
            household=_household(seeker, ages),
            household_answered=bool(seeker.household - {DECLINED}),
            language=language_name(seeker.language).casefold() if seeker.language else None,
            access_needs=tuple(sorted(need.casefold() for need in seeker.access_needs)),
        )


def area_codes(place: Place | None) -> frozenset[str]:
    """The ONS codes of the ward, local authority and country a place lies in; empty if unknown."""
    if place is None or place.lad_code is None:
        return frozenset()
    codes = {place.lad_code, UNITED_KINGDOM, _COUNTRIES.get(place.lad_code[0]), place.ward_code}
    return frozenset(code for code in codes if code)


def _not_covered(place: Place | None) -> str:
    return f"Does not cover {(place and (place.ward_name or place.lad_name)) or 'where you live'}"


def _household(seeker: Seeker, ages: tuple[int, int] | None) -> frozenset[str]:
    youngest, oldest = ages or (0, OLDEST)
    own = {code for low, high, code in _OWN_AGE_BANDS if low <= youngest and oldest <= high}
    return (seeker.household | own) - {DECLINED}
