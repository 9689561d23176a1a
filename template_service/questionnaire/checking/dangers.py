"""What a question about danger looks like: violence, abuse, suicide, harm to oneself.

Known codes find the questions of public instruments whatever their words; words in English find the
others. Neither finds all of them: a human reader is still needed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

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

_WHOM = (
    r"(?:(?:your|my|him|her|our|them)sel(?:f|ves)|you(?!r)|your\s(?:own\s)?(?:child\w*|baby|partner)|me|"
    r"him|her|them|us|some(?:one|body)|any(?:one|body)|others?|another|people|children)"
)
_BY = r"(?:an?|the|your?|my|his|her|their|any\w*|some\w*|parent\w*|(?:ex-?)?partner\w*|people|them)"
_HIT = r"(?:hit|kick|slap|punch|beat|chok|strangl|push|shov|burn)"
_WAS_HIT = r"(?:hit|kicked|slapped|punched|beaten|choked|pushed|shoved)"
_NO_DRUG = "".join(
    rf"(?<!{each}\s)"
    for each in ("drug", "alcohol", "substance", "solvent", "laxative", "medication")
)
_HOME = r"(?:home|live|living|partner|relationship|with)"

# Each only in a company that makes it danger: a hit may be a song, a forced volume a lung test, and
# a company threatens to cut off the gas.
_DANGERS = (
    # Hurt and hit.
    rf"(?<!\bit\s)(?<!\bthat\s)hurt(?:s|ing)?\s{_WHOM}",
    rf"physical(?:ly)?\shurt|hurt\sby\s{_BY}",
    rf"{_HIT}(?:e|s|es|[pt]?ing|p?ed|en)?\s(?:you|me|them|him|her)",
    rf"(?:been|being|was|were|get|got|or|and)\s{_WAS_HIT}\b(?=.{{0,60}}\b(?:by|hurt|hit|or)\b)",
    r"strangled|rap(?:e|ed|ist)|assault(?:s|ed)?|molest\w*|violen(?:ce|t)|humiliat\w*",
    rf"{_NO_DRUG}abus(?:e|ed|er|ers|es|ing|ive)\b(?!\sof\s(?:alcohol|drug|substance|medic))",
    # Fear, threats and force.
    rf"(?:afraid|scared|frightened|terrified)\sof\s(?:{_BY}|what|how)\b(?!\s(?:fall|dark|height|need))",
    rf"fear(?:ful)?\sof\s{_BY}|(?:afraid|scared|frightened)\s(?:at|in\syour(?:\sown)?)\shome",
    rf"threat(?:en(?:s|ed|ing)?)?\s(?:{_WHOM}|with|by\s{_BY}|of\s(?:harm|violence))",
    r"threat(?:en(?:s|ed|ing)?)?\sto\s(?:hurt|kill|harm|hit)",
    r"(?:feel|felt|been|being|are\syou|were\syou)\sthreatened",
    r"unsafe\s(?:at\shome|in\s(?:your|the|a)\s(?:home|house|relationship)|where|with|around)",
    rf"fe(?:el|els|eling|lt)\s(?:\w+\s){{0,4}}?safe\b(?=.{{0,40}}\b{_HOME}\b)",
    r"fe(?:el|els|eling|lt)\sunsafe|safe\s(?:at|in\syour)\s(?:home|(?:current\s)?relationship)",
    rf"forc(?:e|es|ed|ing)\s(?:{_WHOM}|sex\w*|marriage)",
    r"forc(?:e|es|ed|ing)\s(?:in)?to\s(?:have|do|perform|take\spart|marr\w+|sex\w*|work)",
    r"(?:been|being|was|were)\sforced\b(?!\s(?:expir|to\s(?:move|leave|sell|cut)))",
    r"(?:made|make|makes)\s(?:you|me)\sdo\s(?:\w+\s){0,2}sex\w*",
    r"control(?:s|led|ling)?\s(?:where|what|who)",
    # Suicide and harm to oneself and others.
    r"suicid\w*|self-?\s?harm\w*|not\sworth\sliving",
    r"better\soff\s(?:if\s\w+\s(?:was|were)\s)?dead|wish(?:ed|ing)?\s\w+\s(?:was|were)\sdead",
    r"(?:want|wish)(?:ed)?\sto\s(?:die|be\sdead)",
    r"(?:end|ending|ended|take|taking|took)\s(?:your|my|his|her|their)\s(?:own\s)?li(?:fe|ves)",
    rf"(?:harm|kill)(?:s|ed|ing)?\s{_WHOM}",
)
_WORDS = re.compile(rf"\b(?:{'|'.join(_DANGERS)})\b")
# No danger is found in a text without one of these: most texts are done with that.
_STEMS = (
    *("hurt", "hit", "kick", "slap", "punch", "beat", "chok", "strangl", "push", "shov", "burn"),
    *("afraid", "scared", "fright", "fear", "terrif", "threat", "safe", "forc", "abus", "violen"),
    *("assault", "rap", "molest", "humiliat", "suicid", "dead", "die", "life", "lives", "living"),
    *("harm", "kill", "control", "sex"),
)
_LIMIT = 2_000
"""Characters of one text that are read; questions and options are shorter."""


def has_known_code(element: Mapping[str, Any]) -> bool:
    """Whether a code of an item is one of a question about danger."""
    return any(_is_known(coding) for coding in objects(element.get("code")))


def says_danger(texts: Iterable[str]) -> str:
    """The words that tell of danger in the first of the texts that has any; empty when none has."""
    return next(filter(None, map(_words_in, _read(texts))), "")


def _is_known(coding: Mapping[str, Any]) -> bool:
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str):
        return False
    return code in _CODES.get(system, ())


def _read(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        read = text[:_LIMIT].casefold()
        if any(stem in read for stem in _STEMS):
            yield " ".join(read.split())


def _words_in(text: str) -> str:
    found = _WORDS.search(text)
    return found.group() if found else ""
