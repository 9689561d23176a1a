"""What a row of a fact file may hold: one person, one domain, one month, and no identity."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from template_service.aggregates.reporting_period import MONTH
from template_service.aggregates.source_files import Rule, sql_text
from template_service.aggregates.vocabulary import (
    ASKED_STATES,
    ETHNIC_GROUPS,
    FIVE_YEAR_BANDS,
    IMD_DECILES,
    LANGUAGE_GROUPS,
    LEVELS,
    METHODS,
    OUTCOMES,
    SEXES,
    STATES,
    WANTS_HELP,
    domains,
)

FactRules = tuple[tuple[tuple[str, ...], tuple[Rule, ...]], ...]
"""Rules in groups, each with the columns that the group is about."""

FACT_TYPES: Final = {
    "month": "VARCHAR",
    "person": "VARCHAR",
    "practice": "VARCHAR",
    "pcn": "VARCHAR",
    "lsoa": "VARCHAR",
    "ward": "VARCHAR",
    "msoa": "VARCHAR",
    "imd_decile": "TINYINT",
    "age_band": "VARCHAR",
    "sex": "VARCHAR",
    "ethnic_group": "VARCHAR",
    "language_group": "VARCHAR",
    "domain": "VARCHAR",
    "state": "VARCHAR",
    "method": "VARCHAR",
    "level": "TINYINT",
    "wants_help": "VARCHAR",
    "signposted": "TINYINT",
    "referred": "TINYINT",
    "outcome": "VARCHAR",
}
"""The columns of facts and how they are kept; blank is null (design: aggregates.md)."""

MAY_BE_UNKNOWN: Final = (
    "pcn",
    "lsoa",
    "ward",
    "msoa",
    "imd_decile",
    "age_band",
    "sex",
    "ethnic_group",
    "language_group",
)
"""What may be blank of a person, and is then counted as `unknown`."""

# ONS register of geographic codes: entity E01 is a LSOA, E02 an MSOA, E05 a ward of England.
_AREA_ENTITIES: Final = {"lsoa": "E01", "ward": "E05", "msoa": "E02"}
_ODS_CODE: Final = "[A-Z0-9]+"
_MONTH: Final = MONTH.pattern
# Long enough for a hash in hex, and nothing in it that a name or an address would need.
_OPAQUE_ID: Final = "[A-Za-z0-9_-]{1,64}"
# NHS Data Dictionary: numbers of England, Wales and the Isle of Man begin with 4, 6 or 7. Those of
# 9 are for tests: a system that sends them would send real ones next.
_NHS_NUMBER: Final = "[4679][0-9]{9}"

# Answers, and so a level, are of those who neither declined nor went unasked (rules.md, rule 4).
_ANSWERED: Final = ("no-need", "need", "unsure")
_MAY_WANT_HELP: Final = ("need", "unsure")


def fact_rules(today: date, closed: Collection[str]) -> FactRules:
    """The rules of one row on the day of the import, with the months that are closed.

    Duplicates and contradictions are not a matter of one row: see `fact_places`.
    """
    return (
        (("month",), _month_rules(today, closed)),
        (("person",), _PERSON_RULES),
        (("practice", "pcn", "lsoa", "ward", "msoa", "imd_decile"), _PLACE_RULES),
        (_CHARACTERISTICS, tuple(one_of(name, _CODES[name]) for name in _CHARACTERISTICS)),
        (("domain",), (one_of("domain", domains(), blank=False),)),
        (_ASKING, _ASKING_RULES),
    )


def one_of(column: str, codes: Sequence[object], *, blank: bool = True) -> Rule:
    """The column holds one of the codes, or nothing where `blank`."""
    texts = [str(code) for code in codes]
    listed = texts if len(texts) <= 12 else (texts[0], texts[1], "…", texts[-1])
    return Rule(
        column,
        f"{column} NOT IN {_set(texts)}" + ("" if blank else f" OR {column} IS NULL"),
        f"must be one of {', '.join(listed)}" + (", or blank" if blank else ""),
    )


def area(column: str) -> Rule:
    """The column holds a code of the ONS for that kind of area, or nothing."""
    entity = _AREA_ENTITIES[column]
    return Rule(
        column,
        _not_shaped(column, f"{entity}[0-9]{{6}}"),
        f"must be an ONS code, {entity} and six digits, or blank",
    )


def ods_code(column: str, *, blank: bool = False) -> Rule:
    """The column holds what may be a code of the Organisation Data Service."""
    shape = _not_shaped(column, _ODS_CODE)
    return Rule(
        column,
        shape if blank else f"{shape} OR {column} IS NULL",
        "must be an ODS code, capital letters and digits" + (", or blank" if blank else ""),
    )


def _month_rules(today: date, closed: Collection[str]) -> tuple[Rule, ...]:
    this_month = sql_text(f"{today:%Y-%m}")
    rules = (
        Rule("month", f"{_not_shaped('month', _MONTH)} OR month IS NULL", "must be YYYY-MM"),
        Rule(
            "month",
            f"NOT {_not_shaped('month', _MONTH)} AND month > {this_month}",
            "is in the future",
            "business-rule",
        ),
    )
    if not closed:
        return rules
    shut = Rule(
        "month",
        f"month IN {_set(sorted(closed))}",
        "is closed, or before a month that is: it can no longer be counted",
        "business-rule",
    )
    return (*rules, shut)


def _set(codes: Sequence[str]) -> str:
    return f"({', '.join(sql_text(code) for code in codes)})"


def _not_shaped(column: str, pattern: str) -> str:
    return f"NOT regexp_full_match({column}, {sql_text(pattern)})"


def _is_nhs_number(column: str) -> str:
    """The check digit makes the weighted sum of all ten a multiple of 11 (NHS Data Dictionary).

    Weights run from 10 to 2, and the check digit itself weighs 1. Ids that merely have ten digits
    pass, but for one in eleven.
    """
    weighed = " + ".join(
        f"{10 - place} * substr({column}, {place + 1}, 1)::INT" for place in range(10)
    )
    shaped = f"regexp_full_match({column}, {sql_text(_NHS_NUMBER)})"
    return f"CASE WHEN {shaped} THEN ({weighed}) % 11 = 0 ELSE false END"


def _only_when(column: str, states: Sequence[str]) -> Rule:
    return Rule(
        column,
        f"{column} IS NOT NULL AND (state IS NULL OR state NOT IN {_set(states)})",
        f"may be given only where state is {', '.join(states)}",
        "business-rule",
    )


_PERSON_RULES: Final = (
    Rule(
        "person",
        f"{_not_shaped('person', _OPAQUE_ID)} OR person IS NULL",
        "must be an opaque id: up to 64 letters, digits, - and _",
    ),
    Rule("person", _is_nhs_number("person"), "looks like an NHS number", "security"),
)
_PLACE_RULES: Final = (
    ods_code("practice"),
    ods_code("pcn", blank=True),
    *(area(column) for column in _AREA_ENTITIES),
    one_of("imd_decile", IMD_DECILES),
)
_CODES: Final = {
    "age_band": FIVE_YEAR_BANDS,
    "sex": SEXES,
    "ethnic_group": ETHNIC_GROUPS,
    "language_group": LANGUAGE_GROUPS,
}
_CHARACTERISTICS: Final = tuple(_CODES)
_ASKING: Final = ("state", "method", "level", "wants_help", "signposted", "referred", "outcome")
_ASKING_RULES: Final = (
    one_of("state", STATES),
    one_of("method", METHODS),
    one_of("level", LEVELS),
    one_of("wants_help", WANTS_HELP),
    one_of("signposted", (0, 1), blank=False),
    one_of("referred", (0, 1), blank=False),
    one_of("outcome", OUTCOMES),
    _only_when("method", ASKED_STATES),
    _only_when("level", _ANSWERED),
    _only_when("wants_help", _MAY_WANT_HELP),
    Rule(
        "level",
        "state = 'no-need' AND level <> '0'",
        "must be 0 or blank where state is no-need",
        "business-rule",
    ),
    Rule(
        "state",
        "state IS NULL AND signposted IS DISTINCT FROM '1' AND referred IS DISTINCT FROM '1'"
        " AND outcome IS NULL",
        "is blank, and nothing was signposted, referred or had an outcome",
        "business-rule",
    ),
)
