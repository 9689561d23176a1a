"""The matching rules said a second time, slowly, straight from whole services."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from re import Match as Found
from typing import Final
from zoneinfo import ZoneInfo

from directory.geography import Place
from directory.matching import Match
from directory.model import NEEDS, Service
from directory.seeker import Seeker

_LANGUAGES: Final = {"en": "english", "ro": "romanian", "ro-ro": "romanian"}
_SPEECH: Final = {"phone", "in-person", "home-visit"}


def is_for(service: Service, need: str, seeker: Seeker) -> bool:
    """Whether a person may use a service for a need."""
    checks = (
        need in service.needs,
        service.status == "active",
        _covers(service, seeker.place),
        not (seeker.no_public_funds and service.public_funds != "no"),
        _of_age(service, seeker.age),
        {service.sex, seeker.sex} != {"female", "male"},
        _of_tenure(service, seeker.tenure),
        _of_household(service, seeker),
        _can_be_spoken_to(service, seeker.language),
        need not in seeker.urgent or _acts_today(service, seeker.now),
    )
    return all(checks)


def is_true(reason: str, match: Match, seeker: Seeker) -> bool:
    """Whether a reason follows from stored facts; a sentence nobody knows is not true."""
    for shape, holds in _REASONS.items():
        found = re.fullmatch(shape, reason)
        if found:
            return holds(found, match, seeker)
    return False


def expected_freshness(service: Service, today: date) -> str:
    """Verified between the day a curator asked and the review date."""
    asked, review_by = service.verified_on, service.review_by
    if asked and review_by and asked <= today and today <= review_by:
        return "verified"
    return "check-first"


def _covers(service: Service, place: Place | None) -> bool:
    if place is None or place.lad_code is None or not service.service_area:
        return True
    around = {place.ward_code, place.lad_code, "E92000001", "K02000001"}
    return any(code in around for code in service.service_area)


def _of_age(service: Service, age: int | None) -> bool:
    if age is None:
        return True
    lowest = 0 if service.minimum_age is None else service.minimum_age
    highest = 999 if service.maximum_age is None else service.maximum_age
    return lowest <= age <= highest


def _of_tenure(service: Service, tenure: str | None) -> bool:
    return not service.tenures or tenure in {None, "declined", *service.tenures}


def _of_household(service: Service, seeker: Seeker) -> bool:
    answered = set(seeker.household) - {"declined"}
    if not service.household or not answered:
        return True
    return bool((answered | {_own_band(seeker)}) & set(service.household))


def _own_band(seeker: Seeker) -> str:
    age = -1 if seeker.age is None else seeker.age
    return (
        "under5" if 0 <= age < 5 else "school" if 5 <= age < 18 else "over65" if age >= 65 else ""
    )


def _can_be_spoken_to(service: Service, language: str | None) -> bool:
    if language is None or not service.languages or not service.channels:
        return True
    if set(service.channels) - _SPEECH or service.url or service.email:
        return True
    if any("interpreter" in offer for offer in service.access):
        return True
    return _name(language) in {spoken.lower() for spoken in service.languages}


def _name(language: str) -> str:
    return _LANGUAGES.get(language.lower(), language.lower())


def _acts_today(service: Service, now: datetime) -> bool:
    if not service.urgent_today:
        return False
    if service.phone:
        return True
    return bool(service.drop_in) and (not service.schedules or bool(_left_today(service, now)))


def _left_today(service: Service, now: datetime) -> list[tuple[str, str]]:
    local = now.astimezone(ZoneInfo("Europe/London"))
    return sorted(
        (opens, closes)
        for day, opens, closes in service.schedules
        if day == local.strftime("%A").lower() and local.strftime("%H:%M") < closes
    )


def _today(seeker: Seeker) -> date:
    return seeker.now.astimezone(ZoneInfo("Europe/London")).date()


def _area(found: Found[str], match: Match, seeker: Seeker) -> bool:
    place, areas = seeker.place, match.service.service_area
    names = {"England": "E92000001", "the whole UK": "K02000001"}
    if found[1] in names:
        return names[found[1]] in areas
    assert place is not None
    named = {place.ward_name: place.ward_code, place.lad_name: place.lad_code}
    name, around, _ = found[1].partition(", around the practice: check")
    # A ward may only be said to be where they live when somebody knows that they live there.
    if name == place.ward_name and place.no_fixed_abode and not around:
        return False
    return named[name] in areas


def _away(found: Found[str], match: Match, seeker: Seeker) -> bool:
    service, place = match.service, seeker.place
    assert place is not None
    assert place.lat is not None
    assert place.lon is not None
    assert service.lat is not None
    assert service.lon is not None
    north = (service.lat - place.lat) * 111.195
    east = (service.lon - place.lon) * 111.195 * math.cos(math.radians(place.lat))
    near = abs(float(found[1]) - math.hypot(north, east)) < 0.1
    told = near and place.no_fixed_abode == (found[2] == "from the practice")
    # Beyond 10 km of what states no area; at 10.0 km rounding may go either way.
    doubtful = not service.service_area and math.hypot(north, east) > 10
    return told and (_checked(found, doubtful) or found[1] in {"9.9", "10.0", "10.1"})


def _ages(found: Found[str], match: Match, seeker: Seeker) -> bool:
    lowest, highest = match.service.minimum_age, match.service.maximum_age
    told = re.findall(r"\d+", found[0])
    if "and over" in found[0]:
        stated = [lowest] if highest is None else []
    elif "under" in found[0]:
        stated = [highest + 1] if highest is not None and not lowest else []
    else:
        stated = [lowest, highest]
    return [str(age) for age in stated] == told and _checked(found, seeker.age is None)


def _checked(found: Found[str], unknown: bool) -> bool:
    return found[0].endswith(": check") == unknown


def _household(found: Found[str], match: Match, seeker: Seeker) -> bool:
    words = {
        "pregnant": "pregnant",
        "under5": "child under 5",
        "school": "child aged 5",
        "over65": "65",
    }
    named = {code for code, word in words.items() if word in found[0]}
    answered = bool(seeker.household - {"declined"})
    certain = answered or _own_band(seeker) in match.service.household
    return named == set(match.service.household) and _checked(found, not certain)


def _tenure(found: Found[str], match: Match, seeker: Seeker) -> bool:
    words = {
        "council": "the council",
        "association": "a housing association",
        "private": "privately",
        "owner": "own their home",
        "temporary": "temporary housing",
        "nofixed": "no fixed home",
    }
    named = {code for code, word in words.items() if word in found[0]}
    return named == set(match.service.tenures) and _checked(
        found, seeker.tenure in (None, "declined")
    )


def _sexes(found: Found[str], match: Match, seeker: Seeker) -> bool:
    told = {"women": "female", "men": "male"}[found[1]]
    return match.service.sex == told and _checked(found, seeker.sex not in ("female", "male"))


def _verified(found: Found[str], match: Match, seeker: Seeker) -> bool:
    asked = match.service.verified_on
    if asked is None or expected_freshness(match.service, _today(seeker)) != "verified":
        return False
    days = (_today(seeker) - asked).days
    return found[1] == {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


_REASONS: Final[Mapping[str, Callable[[Found[str], Match, Seeker], bool]]] = {
    "Helps with (.+)": lambda it, match, _: (
        it[1] == NEEDS[match.need] and match.need in match.service.needs
    ),
    "Can help the same day": lambda _, match, seeker: (
        match.service.urgent_today and match.need in seeker.urgent
    ),
    "Area not stated: check first": lambda _, match, __: not match.service.service_area,
    "Only for some areas: check first": lambda _, match, seeker: (
        bool(match.service.service_area)
        and not {"E92000001", "K02000001"} & set(match.service.service_area)
        and (seeker.place is None or seeker.place.lad_code is None)
    ),
    "Covers (.+)": _area,
    r"(\d+\.\d) km (away|from the practice)(: check)?": _away,
    "For (ages .+|under .+s)(: check)?": _ages,
    "For (women|men)(: check)?": _sexes,
    "For people .+": _tenure,
    "For households with .+": _household,
    "For speakers of (.+?)(: check)?": lambda it, match, seeker: (
        it[1].split(" or ") == list(match.service.languages)
        and _checked(it, seeker.language is None)
    ),
    r"Open now, until (.+)": lambda it, match, seeker: (
        _left_today(match.service, seeker.now)[0][1] == it[1]
    ),
    r"Open today, (.+) to (.+)": lambda it, match, seeker: (
        _left_today(match.service, seeker.now)[0] == (it[1], it[2])
    ),
    "You can drop in": lambda _, match, __: match.service.drop_in is True,
    "You can ring yourself": lambda _, match, __: (
        match.service.self_referral is True and bool(match.service.phone)
    ),
    "You can ask for help yourself": lambda _, match, __: match.service.self_referral is True,
    "A professional can refer you": lambda _, match, __: (
        match.service.professional_referral is True
    ),
    "Home visits": lambda _, match, __: "home-visit" in match.service.channels,
    "Speaks (.+)": lambda it, match, seeker: (
        it[1] in match.service.languages and it[1].lower() == _name(seeker.language or "")
    ),
    "Offers (.+)": lambda it, match, seeker: (
        it[1] in match.service.access and any(need in it[1] for need in seeker.access_needs)
    ),
    "Free|£2 a visit": lambda it, match, _: it[0].lower() == match.service.cost,
    "Does not count as public funds": lambda _, match, __: match.service.public_funds == "no",
    "Verified (.+)": _verified,
}
