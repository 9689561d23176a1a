"""What a question about danger looks like: violence, abuse, suicide, harm to oneself.

Known codes find the questions of public instruments whatever their words; words in English
(`checking.danger_words`) find the others. Neither finds all of them: a human reader
is still needed.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from template_service.questionnaire.checking.danger_words import CLASSES, DANGERS, HARMLESS
from template_service.questionnaire.elements import objects

LOINC = "http://loinc.org"
# This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief
# Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee. All
# rights reserved. LOINC is available at no cost under the license at http://loinc.org/license.
# Each code was seen with this meaning in the source named; none is from memory.
_CODES: Mapping[str, frozenset[str]] = {
    LOINC: frozenset(
        {
            # HITS (copyright © 2005 Kevin Sherin, M.D.), in the AHC Health-Related Social Needs
            # Screening as LOINC publishes it, http://loinc.org/q/96777-8.
            "95618-5",  # physically hurt you
            "95617-7",  # insult or talk down to you
            "95616-9",  # threaten you with harm
            "95615-1",  # scream or curse at you
            # PRAPARE, HL7/fhir-sdoh-clinicalcare SDOHCC-QuestionnairePRAPARE.
            "93026-3",  # feel safe where you live
            "76501-6",  # afraid of partner or ex-partner (also the item of HARK)
        }
    )
}

GAP = 4
"""Words that may stand where a phrase has a gap; none of another sentence."""
_TOKEN = re.compile(r"[a-z]+|[.?!;:]|[,()/]")
_STOPS = frozenset(".?!;:")
_GAP = frozenset[str]()

_Phrase = tuple[frozenset[str], ...]


def has_known_code(element: Mapping[str, Any]) -> bool:
    """Whether a code of an item is one of a question about danger."""
    return any(_is_known(coding) for coding in objects(element.get("code")))


def says_danger(text: str) -> str:
    """The first words in a text that tell of danger; empty when none do."""
    words = _TOKEN.findall(text.casefold())
    if _dangers().keys().isdisjoint(words):
        return ""
    at = 0
    while at < len(words):
        harmless = _longest(_harmless(), words, at)
        danger = 0 if harmless else _longest(_dangers(), words, at)
        if danger:
            return " ".join(filter(str.isalpha, words[at:danger]))
        at = harmless or at + 1
    return ""


def _is_known(coding: Mapping[str, Any]) -> bool:
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str):
        return False
    return code in _CODES.get(system, ())


@cache
def _dangers() -> Mapping[str, list[_Phrase]]:
    return _by_first_word(DANGERS)


@cache
def _harmless() -> Mapping[str, list[_Phrase]]:
    return _by_first_word(HARMLESS)


def _by_first_word(phrases: Iterable[str]) -> Mapping[str, list[_Phrase]]:
    found: dict[str, list[_Phrase]] = {}
    for phrase in phrases:
        first, *rest = (
            _GAP if part == "…" else CLASSES.get(part, frozenset((part,)))
            for part in phrase.split()
        )
        for word in first:
            found.setdefault(word, []).append(tuple(rest))
    return found


def _longest(phrases: Mapping[str, list[_Phrase]], words: list[str], at: int) -> int:
    """Where the longest of the phrases that begin at a word ends; 0 when none does."""
    known = phrases.get(words[at])
    return max(_end(each, words, at + 1) for each in known) if known else 0


def _end(phrase: _Phrase, words: list[str], at: int) -> int:
    """Where the rest of a phrase ends that goes on at a word; 0 when it does not."""
    within = 1
    for part in phrase:
        if part is _GAP:
            within = GAP + 1
            continue
        at = _next(part, words, at, at + within)
        if not at:
            return 0
        within = 1
    return at


def _next(part: frozenset[str], words: list[str], start: int, end: int) -> int:
    """The place after the first word of these, in the same sentence; 0 when there is none."""
    for at in range(start, min(end, len(words))):
        if words[at] in part:
            return at + 1
        if words[at] in _STOPS:
            break
    return 0
