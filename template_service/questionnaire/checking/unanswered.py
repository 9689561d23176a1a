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
# What somebody does not want to do, and what may come after "refused" when it is the answer.
_ANSWER = (
    r"(answer|say|tell|respond|reply|state|specify|disclose|discuss|provide|report|share|comment)"
)
_ENDS = rf"(?=\s*($|[/,;.:()|&-]|(or|and|by)\b|to {_ANSWER}\b|(the |this )?(question|answer)\b))"
_NOT = r"(n['’]?t| ?not)"
_UNANSWERED = re.compile(
    rf"\b(do(es)? ?{_NOT} (know|remember|recall)|do(es)? ?{_NOT} (wish|want|care|like) to {_ANSWER}"
    rf"|(did|have|has) ?{_NOT} answer(ed)?|ca(n['’]?t|n ?not) (say|tell|answer|remember|recall)"
    rf"|(unable|not able) to ({_ANSWER}|assess|determine|remember|recall)"
    r"|(prefer|rather|choose|wish|want)s? not"
    r"|not (sure|answered|asked|stated|disclosed|determined|assessed)|not known(?! to\b)"
    r"|no answer(?! (is )?(needed|required|necessary|expected))"
    r"|unknown|unsure|undecided|uncertain)\b"
    rf"|\b(refuse[ds]?|decline[ds]?|skip(ped)?){_ENDS}|^\s*n\.?/?a\.?\s*$",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"\s*(no|not|never|none|nothing|nobody|nil|negative|low|without|false)\b", re.IGNORECASE
)
# A plain "no" does not say which way a question is put; these do.
_PLAIN = re.compile(r"\s*(no|not|false)\b", re.IGNORECASE)
_FAVOURABLE = re.compile(
    r"\s*(very |quite |fairly )?(eas(y|ily)|fine|good|well|safe|secure|stable|excellent|ok(ay)?"
    r"|minimal|normal)\b",
    re.IGNORECASE,
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
    """The option that says least; None if unclear.

    The one of the lowest weight, else one that is a "no" by its words, else the only one that is
    good news.
    """
    offered = tuple(options)
    weighted = [option for option in offered if option.weight is not None]
    if weighted:
        return min(weighted, key=lambda option: option.weight or 0)
    negative = next((option for option in offered if is_negative(option.display)), None)
    good = [option for option in offered if _FAVOURABLE.match(option.display)]
    return negative or (good[0] if len(good) == 1 else None)


def is_directed(option: Option) -> bool:
    """Whether the option that says least does so however its question is put.

    "No" may be good news or bad ("Do you have enough to eat?"); "never" and a weight are not.
    """
    return option.weight is not None or not _PLAIN.match(option.display)


def is_negative(words: str) -> bool:
    """Whether words begin like a "no"."""
    return _NEGATIVE.match(words) is not None


def is_reassuring(words: str) -> bool:
    """Whether a result in words says that nothing is the matter."""
    return is_negative(words) or _FAVOURABLE.match(words) is not None
