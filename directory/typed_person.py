"""Of whom somebody types: an age or a sex, read out of a search only where it is clearly said.

It is a guess: whoever shows a search must say what was read, let it be taken back, and hide no
service for it. "50 year old boiler" and "carer for my 80 year old dad" say nothing of who needs
help.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from directory.model import OLDEST
from directory.searching.words import MOST_CHARACTERS

AGE: Final = "age"
SEX: Final = "sex"

_THING: Final = (
    r"(?:(?:gas|electric|washing|broken|leaking|council|rented|credit|rent|pip|benefit|"
    r"immigration)\s+)?"
    r"(?:boiler|heating|radiator|house|flat|bungalow|building|property|roof|window|kitchen|"
    r"bathroom|shower|cooker|oven|fridge|freezer|washer|machine|dryer|carpet|sofa|mattress|"
    r"car(?! seat)|van|bike|scooter|wheelchair|laptop|computer|debt|loan|bill|arrears|ccj|"
    r"conviction|tenancy|lease|mortgage|contract|visa|passport|marriage|dog|cat|wiring|meter|"
    r"caravan|ceiling|damp|tax|claim|case|dispute|overpayment|injury|phone|tv|pram)s?\b"
)
_GROWN: Final = r"man|men|woman|women|lady|ladies|bloke|gentlem[ae]n"
# Whoever does something to the one who speaks, or lives next door, is not whom help is for.
_BESIDE: Final = r".*\b(?:me|us|my|i|next door|outside|neighbour|needed|wanted|abusive)\b"
_OTHER: Final = (
    rf"(?:boyfriend|girlfriend|partner|ex|uncle|cousin|neighbour)\b|(?:{_GROWN})\b{_BESIDE}"
)
_AGED: Final = re.compile(
    rf"\b(?P<old>\d{{1,3}})[\s-]*(?:(?:years?|yrs?)[\s-]*olds?(?:['’]s)?|y[/.]?o)\b"
    rf"(?!\s+(?:{_THING}|{_OTHER}))"
    r"|(?<!abused )(?<!raped )(?<!assaulted )(?<!married )"
    r"\bage(?:d\b|\b:?)\s*(?P<aged>\d{1,3})\b"
    r"(?!\s*(?:[-–+/&]|,\s*\d|(?:to|plus|and|or|up|upwards|onwards|days?|weeks?|months?)\b))"
    r"|(?<!bmi )\bunder\s*(?:the age of\s*)?(?P<under>\d{1,2})s?\b"
    r"(?!\s*(?:hours?|hrs?|days?|weeks?|months?|mins?|minutes?|miles?|pounds?|quid|k|thousand|"
    r"stone|kg|km|feet|foot|people|bedrooms?|bmi|notice)\b|\s*%)"
)
_OLD: Final = r"(?:years?|yrs?)[\s-]*old|y[/.]?o"
_KIND: Final = rf"{_GROWN}|males?|females?"
_WHO: Final = (
    "victim|survivor|patient|client|carer|resident|teenager|pensioner|refugee|asylum seeker|"
    "student|veteran|tenant|rough sleeper"
)
_SUCH: Final = (
    "old|older|elderly|young|younger|single|lonely|homeless|pregnant|isolated|disabled|abused|"
    f"battered|vulnerable|bereaved|depressed|suicidal|{_OLD}"
)
# A man at the door is whom somebody is afraid of; a female GP is wished for.
_NOT_ASKING: Final = (
    "at|outside|with|who|are|came|come|keep|following|shouting|gp|doctor|counsellor|therapist|"
    "worker|solicitor|interpreter|nurse|midwife|partner|staff|stranger|abuser|bullies|bullying|"
    "harassing|sending|stalking"
)
_SAID: Final = (
    # A male victim; an elderly woman; 13 year old girl.
    rf"\b(?P<sex>male|female) (?:{_WHO})s?\b",
    rf"\b(?:{_SUCH}) (?P<sex>{_KIND})\b(?!['’])",
    rf"\b(?:{_OLD}) (?P<sex>boy|girl|son|daughter)\b",
    # For men; I am a woman; men only.
    rf"\bfor (?:an? )?(?P<sex>{_KIND})\b(?!['’])",
    rf"\b(?:i'?m|(?:i am|(?:patient|client|victim|he|she) is)) (?:an? )?(?P<sex>{_KIND})\b(?!['’])",
    rf"\b(?P<sex>{_KIND}) only\b",
    # Woman fleeing violence; domestic abuse men.
    rf"^\s*(?P<sex>men|women|woman|male|female)\b(?!['’])(?! (?:{_NOT_ASKING})\b)",
    r"\b(?P<sex>men|women|woman|male|female)\s*$",
)
_SEXES: Final = tuple(re.compile(shape) for shape in _SAID)
_MALE: Final = re.compile(r"m|boy|bloke|gentlem|son")
# Nobody's legal sex follows from these words.
_NOT_READ: Final = re.compile(
    r"\btrans(?:gender(?:ed)?|sexual|m[ae]n|wom[ae]n)?\b|\bnon-?\s?binary\b|"
    r"\bgender\b|\b(?:mtf|ftm)\b"
)
# What comes after these words is somebody else.
_SOMEBODY_ELSE: Final = re.compile(
    r"\b(?:by|from|against|with|(?:scared|afraid|frightened|fear|group|gang|lot|two) of|"
    r"carer (?:for|of|to)|car(?:es?|ing) for|look(?:s|ed|ing)? after|two|three|some|other|those)"
    r"(?:[\s-]+[\w'’]+){0,2}[\s-]*$"
)
# "Mum of a 5 year old" may ask for herself; at 10 something happened to who is grown now.
_ANOTHER_AGE: Final = re.compile(
    r"\b(?:(?:single (?:mum|mam|mom|mother|dad|father|parent),?|have|has|got|at|was|were|not|no|"
    r"not for|marry|marriage to|(?:boyfriend|girlfriend|partner|husband|wife)(?: is)?|"
    r"(?:mum|mam|mom|mother|dad|father|parent)s? (?:of|to))(?: an?)?|"
    r"(?:when|since|until|till)(?: [\w'’]+){0,2}|\d+(?: (?:and|or|&)|,)?|"
    r"kids|children)\s*$"
)
# Whom somebody wishes to talk to, is married to, or hits, or was left for.
_ANOTHER_SEX: Final = re.compile(
    r"\b(?:by|to|not|no|his|sees?|seeing|dating|looking for|left(?: me)? for|likes?|loves?|"
    r"abus(?:es|ing)|hit(?:s|ting)?|beat(?:s|ing)?|"
    r"(?:boyfriend|girlfriend|partner|husband|wife) is)(?: [\w'’]+){0,4} ?$"
)
_DOES: Final = re.compile(_BESIDE)
# "Under 18" is a child; under 30 may be anything, and nobody calls a person so.
_UNDER: Final = range(1, 26)


class Typed(NamedTuple):
    """What is left to search for; the youngest and oldest somebody may be; their sex."""

    text: str
    ages: tuple[int, int] | None = None
    sex: str | None = None


def typed_person(text: str, not_about: frozenset[str] = frozenset()) -> Typed:
    """Reads an age and a sex out of a text; `not_about` are those of AGE and SEX left as typed.

    The words of an age are taken out of the text. Those of a sex stay: services have them in their
    names. Two ages, or both sexes, say nothing certain.
    """
    text = text[:MOST_CHARACTERS]
    plain = text.casefold()
    # Else what is found would be cut out in the wrong place.
    if len(plain) != len(text):
        return Typed(text)
    sex = None if SEX in not_about else _sex(plain)
    found = () if AGE in not_about else tuple(_ages(plain))
    ages = {found_ages for _, found_ages in found}
    if len(ages) != 1:
        return Typed(text, sex=sex)
    left = text
    for (start, end), _ in reversed(found):
        left = f"{left[:start]} {left[end:]}"
    return Typed(left, ages.pop(), sex)


def _ages(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where ages of whoever needs help stand, and what they are."""
    for match in _AGED.finditer(text):
        before = text[: match.start()]
        if _SOMEBODY_ELSE.search(before) or _ANOTHER_AGE.search(before):
            continue
        exactly = match["old"] or match["aged"]
        if exactly and int(exactly) <= OLDEST:
            yield match.span(), (int(exactly), int(exactly))
        elif match["under"] and int(match["under"]) in _UNDER:
            yield match.span(), (0, int(match["under"]) - 1)


def _sex(text: str) -> str | None:
    if _NOT_READ.search(text):
        return None
    found = {
        "male" if _MALE.match(match["sex"]) else "female"
        for shape in _SEXES
        for match in shape.finditer(text)
        if not _is_another(text, match)
    }
    return found.pop() if len(found) == 1 else None


def _is_another(text: str, match: re.Match[str]) -> bool:
    """Whether a sex is of somebody else than who needs help, by the words on both sides."""
    before = text[: match.start("sex")]
    if _SOMEBODY_ELSE.search(before) or _ANOTHER_SEX.search(before):
        return True
    return _DOES.match(text, match.end("sex")) is not None
