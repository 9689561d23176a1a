"""A service as the directory keeps it, and its JSON record.

The fields follow Open Referral UK v3 (HSDS 3); `needs`, `public_funds`, `seen_on`, `verified_on`
and their neighbours are our additions. Unknown is never a guess: None, an empty tuple or "unknown".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

_NEEDS_FILE = Path(__file__).parent / "data" / "leeds" / "needs.json"

_NEED_RECORDS: Final[Mapping[str, Mapping[str, Any]]] = orjson.loads(_NEEDS_FILE.read_bytes())

# The need categories the directory is indexed by, each as a phrase that follows "Helps with".
NEEDS: Final[Mapping[str, str]] = {code: item["phrase"] for code, item in _NEED_RECORDS.items()}
# What people type when they look for each ("skint", "bailiffs"): read by search only.
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    code: tuple(item["synonyms"]) for code, item in _NEED_RECORDS.items()
}

# Open Referral UK v3, service.status.
STATUSES: Final = ("active", "inactive", "defunct", "temporarily closed")
CHANNELS: Final = ("phone", "in-person", "online", "home-visit", "text")
PUBLIC_FUNDS: Final = ("yes", "no", "unknown")
SEXES: Final = ("female", "male")
# The answer codes of the template's questions on tenure and household, as far as they restrict.
TENURES: Final = ("council", "association", "private", "owner", "temporary", "nofixed")
HOUSEHOLDS: Final = ("pregnant", "under5", "school", "over65")
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OLDEST: Final = 130

# ONS codes (Register of Geographic Codes): a letter for the country (K: several), eight digits.
_AREA_CODE = re.compile(r"[EKNSW]\d{8}", re.ASCII)
_EXAMPLE: Final = ", as in monday 09:00-17:00"
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)


class InvalidService(ValueError):
    """A record that is not a service; `problems` names every field at fault and what is wrong."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number as people write it, what it is for, and when it is answered."""

    number: str
    label: str = ""
    hours: str = ""


class Schedule(NamedTuple):
    """Opening on one day of every week: `day` in lower case English, times as HH:MM."""

    day: str
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read, and when."""

    title: str
    url: str = ""
    seen_on: date | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """One service. Raises InvalidService when a value is outside its vocabulary or range.

    `service_area` are ONS codes of the areas covered; empty means nobody stated it. `minimum_age`
    and `maximum_age` are inclusive, in years. `sex` restricts only where a single-sex service is
    lawful. `urgent_cards` are codes of urgent cards it stands on whatever the need. `tenures`
    and `household` restrict to people with one of these; empty means anybody.
    `seen_on` is the day a page was read; `verified_on` the day a curator asked the service itself.
    """

    id: str
    name: str
    organisation: str
    description: str
    needs: tuple[str, ...]
    status: str = "active"
    phone: tuple[Phone, ...] = ()
    email: str = ""
    url: str = ""
    address: str = ""
    postcode: str = ""
    lat: float | None = None
    lon: float | None = None
    service_area: tuple[str, ...] = ()
    minimum_age: int | None = None
    maximum_age: int | None = None
    sex: str | None = None
    tenures: tuple[str, ...] = ()
    household: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    cost: str = ""
    opening_hours: str = ""
    schedules: tuple[Schedule, ...] = ()
    eligibility: str = ""
    exclusions: str = ""
    self_referral: bool | None = None
    professional_referral: bool | None = None
    drop_in: bool | None = None
    urgent_today: bool = False
    urgent_cards: tuple[str, ...] = ()
    public_funds: str = "unknown"
    safe_for_private_disclosure: bool | None = None
    national: bool = False
    caution: str = ""
    seen_on: date | None = None
    verified_on: date | None = None
    verified_by: str = ""
    verified_source: str = ""
    review_by: date | None = None
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        problems = tuple(_problems(self))
        if problems:
            raise InvalidService(problems)


def read_service(record: Mapping[str, Any]) -> Service:
    """The service of a JSON record whose keys are the fields of `Service`; null means not stated.

    Raises InvalidService naming every unknown key, missing field and wrong type.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in record.items():
        try:
            if name not in _READERS:
                raise TypeError("not a field of a service")
            if value is not None:
                values[name] = _READERS[name](value)
        except (TypeError, ValueError) as problem:
            problems.append(f"{name}: {problem}")
    stated = {problem.partition(":")[0] for problem in problems} | values.keys()
    problems += [f"{name}: missing" for name in sorted(_REQUIRED - stated)]
    if problems:
        raise InvalidService(tuple(problems))
    return Service(**values)


def service_record(service: Service) -> dict[str, Any]:
    """The JSON record of a service: `read_service` gives the same service back.

    Fields that say nothing are left out, so a field added later leaves older records unchanged.
    """
    return {
        name: [_record(item) for item in value] if isinstance(value, tuple) else _record(value)
        for name, default in _DEFAULTS.items()
        # What is required has MISSING for a default, which nothing equals.
        if (value := getattr(service, name)) != default
    }


def _record(value: Any) -> Any:
    if isinstance(value, Phone | Source):
        return {key: _record(item) for key, item in asdict(value).items() if item}
    if isinstance(value, Schedule):
        return value._asdict()
    return value.isoformat() if isinstance(value, date) else value


def _problems(service: Service) -> Iterator[str]:
    yield from _identity_problems(service)
    yield from _outside(service)
    yield from _age_problems(service)
    yield from _place_problems(service)
    if not all(phone.number.strip() for phone in service.phone):
        yield "phone: a number is blank"
    if not all(source.title.strip() for source in service.sources):
        yield "sources: a title is blank"
    yield from _schedule_problems(service)


def _schedule_problems(service: Service) -> Iterator[str]:
    for day, *times in service.schedules:
        if day not in DAYS:
            yield f"schedules: {day!r} is not a day; write {', '.join(DAYS)}{_EXAMPLE}"
        for time in times:
            if not _TIME.fullmatch(time):
                yield f"schedules: {time!r} is not a time; write four digits{_EXAMPLE}"


def _identity_problems(service: Service) -> Iterator[str]:
    try:
        if str(UUID(service.id)) != service.id:
            yield "id: write the UUID in lower case with hyphens"
    except ValueError:
        yield "id: not a UUID"
    if not service.name.strip():
        yield "name: write a name"


def _outside(service: Service) -> Iterator[str]:
    """Values that are not in their vocabulary."""
    for name, vocabulary in _VOCABULARIES.items():
        value = getattr(service, name)
        for code in value if isinstance(value, tuple) else (value,):
            if code is not None and code not in vocabulary:
                yield f"{name}: {code!r} is none of {', '.join(vocabulary)}"


def _age_problems(service: Service) -> Iterator[str]:
    lowest, highest = service.minimum_age, service.maximum_age
    for name, age in (("minimum_age", lowest), ("maximum_age", highest)):
        if age is not None and not 0 <= age <= OLDEST:
            yield f"{name}: {age} is not an age"
    if lowest is not None and highest is not None and lowest > highest:
        yield f"minimum_age: {lowest} is above the highest age, {highest}"


def _place_problems(service: Service) -> Iterator[str]:
    if (service.lat is None) != (service.lon is None):
        yield "lat, lon: one without the other"
    if service.lat is not None and not -90 <= service.lat <= 90:
        yield f"lat: {service.lat} is not a latitude"
    if service.lon is not None and not -180 <= service.lon <= 180:
        yield f"lon: {service.lon} is not a longitude"
    for code in service.service_area:
        if not _AREA_CODE.fullmatch(code):
            yield f"service_area: {code!r} is not an ONS area code"


_VOCABULARIES: Final[Mapping[str, tuple[str, ...]]] = {
    "needs": tuple(NEEDS),
    "status": STATUSES,
    "channels": CHANNELS,
    "sex": SEXES,
    "public_funds": PUBLIC_FUNDS,
    "tenures": TENURES,
    "household": HOUSEHOLDS,
}


def _exactly(kind: type, words: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {words}")
        return value

    return read


_text = _exactly(str, "text")
_whole = _exactly(int, "a whole number")
_truth = _exactly(bool, "true or false")


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _day(value: Any) -> date:
    return date.fromisoformat(_text(value))


def _list_of(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError(f"{value!r} is not a list")
        return tuple(read(item) for item in value)

    return read_all


def _object_of(kind: Callable[..., Any], **readers: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, Mapping) or not set(value) <= set(readers):
            raise TypeError(f"{value!r} is not an object with {', '.join(readers)}")
        stated = {key: item for key, item in value.items() if item is not None}
        return kind(**{key: readers[key](item) for key, item in stated.items()})

    return read


_KINDS: Final[Mapping[Any, Callable[[Any], Any]]] = {
    str: _text,
    bool: _truth,
    bool | None: _truth,
    int | None: _whole,
    float | None: _number,
    str | None: _text,
    date | None: _day,
    tuple[str, ...]: _list_of(_text),
    tuple[Phone, ...]: _list_of(_object_of(Phone, number=_text, label=_text, hours=_text)),
    tuple[Schedule, ...]: _list_of(_object_of(Schedule, day=_text, opens=_text, closes=_text)),
    tuple[Source, ...]: _list_of(_object_of(Source, title=_text, url=_text, seen_on=_day)),
}
_READERS: Final = {field.name: _KINDS[field.type] for field in fields(Service)}
_DEFAULTS: Final = {field.name: field.default for field in fields(Service)}
_REQUIRED: Final = frozenset(name for name, value in _DEFAULTS.items() if value is MISSING)
