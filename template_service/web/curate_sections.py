"""The fields of a service as forms have them: what each is called, and how it is typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from directory.model import (
    CHANNELS,
    HOUSEHOLDS,
    NEEDS,
    PUBLIC_FUNDS,
    SEXES,
    STATUSES,
    TENURES,
)

_YES_NO: Final = {"": "Not known", "yes": "Yes", "no": "No"}
_SPELT: Final = {
    "in-person": "in person",
    "home-visit": "home visit",
    "text": "text message",
    "council": "rented from the council",
    "association": "rented from a housing association",
    "private": "rented privately",
    "owner": "owned",
    "temporary": "temporary housing",
    "nofixed": "no fixed home",
    "pregnant": "someone pregnant",
    "under5": "a child under 5",
    "school": "a child aged 5 to 17",
    "over65": "someone 65 or over",
    "unknown": "not known",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a service on a form. `kind` is how it is typed; `choices` are codes to words.

    `blank` is what a record that does not have the field says of it.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    choices: Mapping[str, str] | None = None
    blank: str | bool | None = None


class Section(NamedTuple):
    """Fields that stand together."""

    title: str
    fields: tuple[Field, ...]


def _words(codes: tuple[str, ...]) -> dict[str, str]:
    return {code: _SPELT.get(code, code).capitalize() for code in codes}


SECTIONS: Final = (
    Section(
        "What it is",
        (
            Field("name", "Name"),
            Field("organisation", "Organisation"),
            Field("description", "What it does", "area"),
            Field("status", "Status", "choice", choices=_words(STATUSES), blank="active"),
            Field("caution", "Caution, shown wherever the service is shown", "area"),
            Field("needs", "Helps with", "many", choices=NEEDS),
        ),
    ),
    Section(
        "How to reach it",
        (
            Field(
                "phone",
                "Phone numbers",
                "phones",
                "One on each line: number | what it is for | when it is answered",
            ),
            Field("email", "Email"),
            Field("url", "Web page"),
            Field("channels", "How people are helped", "many", choices=_words(CHANNELS)),
        ),
    ),
    Section(
        "Where",
        (
            Field("address", "Address"),
            Field("postcode", "Postcode"),
            Field("lat", "Latitude", "number"),
            Field("lon", "Longitude", "number"),
            Field(
                "service_area",
                "Areas covered",
                "lines",
                "ONS codes, one on each line. Nothing means that nobody stated it",
            ),
            Field("national", "For the whole country", "flag", blank=False),
        ),
    ),
    Section(
        "Who it is for",
        (
            Field("eligibility", "Who it is for", "area"),
            Field("exclusions", "Who it is not for", "area"),
            Field("minimum_age", "Youngest age", "whole", "In whole years, inclusive"),
            Field("maximum_age", "Oldest age", "whole", "In whole years, inclusive"),
            Field(
                "sex",
                "Only for (where that is lawful)",
                "choice",
                choices={"": "Anybody"} | _words(SEXES),
            ),
            Field("tenures", "Only for people whose home is", "many", choices=_words(TENURES)),
            Field("household", "Only for households with", "many", choices=_words(HOUSEHOLDS)),
            Field(
                "public_funds",
                "Counts as public funds",
                "choice",
                "People without recourse to public funds are sent here only when this says No",
                choices=_words(PUBLIC_FUNDS),
                blank="unknown",
            ),
            Field("languages", "Languages spoken", "lines", "Codes such as en, ur; one a line"),
            Field("access", "Access", "lines", "Such as step-free, BSL; one on each line"),
        ),
    ),
    Section(
        "When, and what it costs",
        (
            Field("opening_hours", "Opening hours in words", "area"),
            Field("schedules", "Opening hours", "hours", "One on each line: monday 09:00-17:00"),
            Field("cost", "Cost"),
        ),
    ),
    Section(
        "How people get in",
        (
            Field("self_referral", "People may refer themselves", "truth"),
            Field("professional_referral", "Professionals may refer", "truth"),
            Field("drop_in", "People may drop in", "truth"),
            Field("urgent_today", "Acts on the same day", "flag", blank=False),
            Field("urgent_cards", "Stands on these urgent cards", "lines", "Codes, one a line"),
            Field("safe_for_private_disclosure", "Safe to tell something private", "truth"),
        ),
    ),
    Section(
        "Where this was read",
        (
            Field(
                "sources",
                "Sources",
                "sources",
                "One on each line: title | address | day read, such as 27/3/2026",
            ),
            Field("seen_on", "Last read on", "day", "For example, 27/3/2026"),
        ),
    ),
)
FIELDS: Final[Mapping[str, Field]] = {
    field.name: field for section in SECTIONS for field in section.fields
}
TRUTHS: Final[Mapping[str, Mapping[str, str]]] = {
    "truth": _YES_NO,
    "flag": {"no": "No", "yes": "Yes"},
}
