"""Services that may be one and the same: proposed to a curator, never merged by themselves."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from directory.model import Service

# Points of likeness out of 100. A branch elsewhere has the name and the page of its organisation,
# and another service of it at the same desk has the phone: neither alone is enough.
_NAME: Final = 50
_PHONE: Final = 25
_PLACE: Final = 20
_PAGE: Final = 15
_ELSEWHERE: Final = -20
# Where page and postcode are not known of both, nothing tells two of one name apart.
_NOTHING_APART: Final = 20
LIKELY: Final = 70
"""From so many points a pair is proposed."""
LEAST_LIKE_NAMES: Final = 0.6
# So many words that all stand in a longer name are that name: "Leeds North & West" without
# "Foodbank". Fewer may be the beginning of many.
_LEAST_WORDS: Final = 3
_WITHIN: Final = 0.99
_JOINING: Final = frozenset({"and", "the", "of", "for"})

# A word in more names than this ("leeds", "advice") brings nobody together.
_COMMON: Final = 20
_WORD: Final = re.compile(r"[^\W_]+")
_NOT_A_DIGIT: Final = re.compile(r"\D")


class Likeness(NamedTuple):
    """Two services that may be the same, the one with the lower id first.

    `points` are 0 to 100; `reasons` are phrases, most telling first.
    """

    one: Service
    other: Service
    points: int
    reasons: tuple[str, ...]


class _Traits(NamedTuple):
    """What two services are compared by."""

    service: Service
    name: str
    phones: frozenset[str]
    page: str
    postcode: str


def duplicates(services: Iterable[Service]) -> tuple[Likeness, ...]:
    """Pairs that may be one service, most alike first; those defunct are left out.

    Compared are name, phone, web page and postcode.
    """
    traits = [_traits(one) for one in services if one.status != "defunct"]
    found = [likeness for pair in _candidates(traits) if (likeness := _likeness(*pair)) is not None]
    return tuple(sorted(found, key=lambda pair: (-pair.points, pair.one.id, pair.other.id)))


def _traits(service: Service) -> _Traits:
    return _Traits(
        service,
        " ".join(_WORD.findall(service.name.casefold())),
        frozenset(_number(phone.number) for phone in service.phone),
        _page(service.url),
        "".join(service.postcode.split()).upper(),
    )


def _number(text: str) -> str:
    """The digits of a number of the UK, however it is written: +44 and 0 begin the same."""
    digits = _NOT_A_DIGIT.sub("", text.replace("(0)", "")).removeprefix("00")
    national = digits.removeprefix("44") if len(digits) > 11 else digits
    return national.removeprefix("0")


def _page(url: str) -> str:
    """Host and path of a web page, as one writes them."""
    try:
        parts = urlsplit(url.casefold() if "//" in url else f"//{url.casefold()}")
    except ValueError:
        # A curator may type what is no address; that is another check's to say.
        return url.casefold()
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"


def _candidates(traits: Sequence[_Traits]) -> Iterator[tuple[_Traits, _Traits]]:
    """Every pair that shares a phone, a page, a postcode or an uncommon word of the name, once."""
    together: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(traits):
        words = {f"word {word}" for word in one.name.split()}
        phones = {f"phone {phone}" for phone in one.phones}
        for key in words | phones | {f"page {one.page}", f"postcode {one.postcode}"}:
            together[key].append(number)
    met = {
        pair
        for key, numbers in together.items()
        if not key.endswith(" ") and len(numbers) <= _COMMON
        for pair in combinations(numbers, 2)
    }
    for first, second in sorted(met):
        yield traits[first], traits[second]


def _likeness(one: _Traits, other: _Traits) -> Likeness | None:
    # Only curators look for duplicates.
    from rapidfuzz import fuzz  # noqa: PLC0415

    names = fuzz.token_sort_ratio(one.name, other.name) / 100
    if _is_within(one.name, other.name):
        names = max(names, _WITHIN)
    if names < LEAST_LIKE_NAMES:
        return None
    said = [("the same name" if names == 1 else "a name much like it", round(_NAME * names))]
    if one.phones & other.phones:
        said.append(("the same phone", _PHONE))
    if one.postcode and other.postcode:
        same = one.postcode == other.postcode
        said.append(("the same postcode", _PLACE) if same else ("", _ELSEWHERE))
    elif names >= _WITHIN and not (one.page and other.page):
        said.append(("", _NOTHING_APART))
    if one.page and one.page == other.page:
        said.append(("the same web page", _PAGE))
    points = min(sum(each for _, each in said), 100)
    if points < LIKELY:
        return None
    first, second = sorted((one.service, other.service), key=lambda service: service.id)
    return Likeness(first, second, points, tuple(reason for reason, _ in said if reason))


def _is_within(one: str, other: str) -> bool:
    words, others = (set(name.split()) - _JOINING for name in (one, other))
    return len(words & others) >= _LEAST_WORDS and (words <= others or others <= words)
