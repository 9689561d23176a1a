"""What somebody searching wants of a service beside its words, and why one is not shown.

Who a service is for is asked as in matching (`directory.eligibility`): what nobody stated shuts
nothing out. What is wished for (a language, access, free, a way to reach it) must be stated.
Opening times are between: closed is left out, unknown comes after all that is known to be open.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from directory.eligibility import why_not
from directory.geography import Place
from directory.languages import ENGLISH, language_name
from directory.model import NEEDS
from directory.opening import When, open_at
from directory.postings import Entry, need_mask, speaks
from directory.seeker import Profile, Seeker

# CHANNELS of the model, as they follow "reached".
CHANNEL_WORDS: Final = {
    "phone": "by phone",
    "in-person": "in person",
    "online": "online",
    "home-visit": "at home",
    "text": "by text message",
}

# Says why a service is left out; None when it is not.
Check = Callable[[Entry], str | None]


class Home(NamedTuple):
    """Where most who ask are from: the middle of it, and the ONS codes of all areas in it."""

    middle: Place
    areas: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for: words typed, and what the services must be; empty is no wish.

    `needs` are codes, of which one will do, `channels` too. `language` is a BCP 47 code or an
    English name; `access` are words to look for in what a service offers, all of them. `opening`
    goes before what the text says of it ("open now"); so do `age` or `ages` (the youngest and the
    oldest they may be) and `sex`, unless `not_about` says that the text is not about
    `typed_person.AGE` or SEX. Neither what is read out of the text nor, without a `place`, `home`
    shuts anything out: they say what stands last. `now` carries a time zone.
    """

    now: datetime
    text: str = ""
    needs: tuple[str, ...] = ()
    place: Place | None = None
    age: int | None = None
    ages: tuple[int, int] | None = None
    sex: str | None = None
    language: str | None = None
    access: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    free: bool = False
    no_public_funds: bool = False
    opening: When | None = None
    not_about: frozenset[str] = frozenset()
    home: Home | None = None

    @property
    def seeker(self) -> Seeker:
        """Who is looking, as matching knows people."""
        return Seeker(
            needs=self.needs,
            now=self.now,
            place=self.place,
            age=self.age,
            ages=self.ages,
            sex=self.sex,
            language=self.language,
            access_needs=self.access,
            no_public_funds=self.no_public_funds,
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """The wishes of one search, ready to be asked of many services.

    `not_listed` is the reason that leaves out what helps with other needs; blank without a need.
    """

    profile: Profile
    opening: When | None
    not_listed: str
    checks: tuple[Check, ...]

    @classmethod
    def of(cls, search: Search, opening: When | None) -> "Filters":
        """The filters of a search, with the opening wished for or typed."""
        profile = Profile.of(search.seeker)
        words = " or ".join(NEEDS.get(need, need) for need in search.needs)
        not_listed = f"Not listed for {words}" if words else ""
        checks = list(_checks(search, profile, opening))
        if not_listed:
            checks.insert(0, _helps_with(search.needs, not_listed))
        return cls(profile, opening, not_listed, tuple(checks))

    def why_not(self, entry: Entry) -> str | None:
        """Why a service is not shown, in plain English; None when it is."""
        for check in self.checks:
            reason = check(entry)
            if reason is not None:
                return reason
        return None

    def comes_after(self, entry: Entry) -> bool:
        """Whether nobody knows that it is open when it should be."""
        return self.opening is not None and entry.openings is None


def _checks(search: Search, profile: Profile, opening: When | None) -> Iterator[Check]:
    # No need is urgent in a search.
    yield lambda entry: why_not(entry, "", profile)
    if opening is not None:
        yield _open(opening)
    if profile.language and profile.language != ENGLISH.casefold():
        yield _speaking(profile.language, language_name(search.language or ""))
    for words in sorted(search.access):
        yield _offering(words)
    if search.free:
        yield _free
    if search.channels:
        yield _reached(search.channels)


def _helps_with(needs: tuple[str, ...], not_listed: str) -> Check:
    mask = need_mask(needs)
    return lambda entry: None if entry.needs & mask else not_listed


def _open(when: When) -> Check:
    def check(entry: Entry) -> str | None:
        if entry.openings is None or open_at(entry.openings, when):
            return None
        return f"Not open {_words(when)}"

    return check


def _speaking(language: str, name: str) -> Check:
    def check(entry: Entry) -> str | None:
        if speaks(entry, language) or "interpret" in entry.access:
            return None
        return f"Does not say that it speaks {name}"

    return check


def _offering(words: str) -> Check:
    need, reason = words.casefold(), f"Does not say that it offers {words}"
    return lambda entry: None if need in entry.access else reason


def _free(entry: Entry) -> str | None:
    return None if entry.is_free else "Does not say that it is free"


def _reached(channels: frozenset[str]) -> Check:
    wished = " or ".join(words for code, words in CHANNEL_WORDS.items() if code in channels)

    def check(entry: Entry) -> str | None:
        if not channels.isdisjoint(entry.channels):
            return None
        return f"Does not say that it is reached {wished}"

    return check


def _words(when: When) -> str:
    if when.time is not None:
        return f"on {when.day.capitalize()} at {when.time}"
    return f"on {when.day.capitalize()}" + (f" after {when.since}" if when.since > "00:00" else "")
