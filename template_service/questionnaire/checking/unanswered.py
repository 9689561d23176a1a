"""Options that leave their question unanswered, and those that are a plain "no"."""

import re
from collections.abc import Iterable

from template_service.questionnaire.form import Option

# Codes for why there is no value: FHIR's data-absent-reason and HL7 v3 NullFlavor. What does not
# apply was answered, and is left out.
_ABSENT = {
    "http://terminology.hl7.org/CodeSystem/data-absent-reason": frozenset(
        {"unknown", "asked-unknown", "temp-unknown", "not-asked", "asked-declined", "masked"}
    ),
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor": frozenset(
        {"NI", "UNK", "ASKU", "NAV", "NASK", "MSK"}
    ),
    # LOINC, the answer list of the Hunger Vital Sign: "Don't know/refused".
    "http://loinc.org": frozenset({"LA15775-2"}),
}
_UNANSWERED = re.compile(
    r"\b(do ?n['o’]?t know|do not know|does not know|not known|unknown|unsure|not sure|uncertain"
    r"|refused?|declined?|(prefer|rather|wish|want)s? not|choose not to|do not wish|not answered"
    r"|no answer|not stated|not disclosed|can ?not say|can['’]t say)\b",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"\s*(no|not|never|none|nothing|nobody|nil|negative|low|without|false)\b", re.IGNORECASE
)
_WORDS = 80
_WEIGHTED = 2


def leaving_open(options: Iterable[Option]) -> tuple[Option, ...]:
    """The options by which a question stays unanswered.

    By their code, by their words, or because they alone have no weight beside weighted ones.
    """
    offered = tuple(options)
    weighted = sum(1 for option in offered if option.weight is not None)
    return tuple(
        option
        for option in offered
        if option.code in _ABSENT.get(option.system or "", ())
        or _UNANSWERED.search(option.display[:_WORDS])
        or (option.weight is None and weighted >= _WEIGHTED)
    )


def least(options: Iterable[Option]) -> Option | None:
    """The option that says least: of the lowest weight, or a "no" by its words; None if unclear."""
    offered = tuple(options)
    weighted = [option for option in offered if option.weight is not None]
    if weighted:
        return min(weighted, key=lambda option: option.weight or 0)
    return next((option for option in offered if is_negative(option.display)), None)


def is_negative(words: str) -> bool:
    """Whether words begin like a "no"."""
    return _NEGATIVE.match(words) is not None
