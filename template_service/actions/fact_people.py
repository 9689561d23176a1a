"""Who a fact is about, in groups only: area, deprivation, age, sex, ethnic group and language."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from directory.geography import Geography, InvalidPostcode, Place, UnknownPostcode
from directory.languages import ENGLISH, language_name
from template_service.aggregates.vocabulary import FIVE_YEAR_BANDS, SEXES
from template_service.questionnaire.form import INTERPRETER
from template_service.records.people import Person

# The answer to the session's question that says nobody had to interpret (template-answers).
NO_INTERPRETER: Final = "no-interpreter"

# Codes of UK Core EthnicCategory (HL7 UK, CodeSystem UKCore-EthnicCategory), which refines the NHS
# Data Dictionary's ETHNIC CATEGORY: a first letter for the group, a second sign for more detail.
# The groups are those of the Census 2021 of England and Wales, where Chinese is Asian; Z is "not
# stated" and of no group.
_BY_LETTER: Final[Mapping[str, str]] = {
    "A": "white_british",
    "B": "white_other",
    "C": "white_other",
    **dict.fromkeys("DEFG", "mixed"),
    **dict.fromkeys("HJKLR", "asian"),
    **dict.fromkeys("MNP", "black"),
    "S": "other",
}
_BY_CODE: Final[Mapping[str, str]] = {
    # Northern Irish, English, Scottish, Welsh and Cornish are codes under "any other White".
    **dict.fromkeys(("C2", "CA", "CB", "CC", "CD"), "white_british"),
    # Irish Traveller, Traveller, Gypsy or Romany.
    **dict.fromkeys(("CL", "CM", "CN"), "gypsy_roma_traveller"),
}
_LONGEST_CODE: Final = 2


class Circumstances(NamedTuple):
    """The columns of a fact that say who it is about; blank (None) where it is not known."""

    lsoa: str | None
    ward: str | None
    msoa: str | None
    imd_decile: int | None
    age_band: str | None
    sex: str | None
    ethnic_group: str | None
    language_group: str | None


def circumstances(
    geography: Geography, person: Person, *, on: date, interpreted: bool
) -> Circumstances:
    """The groups a person is counted in, on the day they were asked.

    The small area is the one that the decile is of; the middle one is blank, because the geography
    tables have none. `interpreted`: an interpreter was needed.
    """
    place = _place(geography, person.postcode)
    return Circumstances(
        lsoa=geography.small_area(place),
        ward=place.ward_code,
        msoa=None,
        imd_decile=place.imd_decile,
        age_band=age_band(person.age_on(on)),
        sex=person.sex if person.sex in SEXES else None,
        ethnic_group=ethnic_group(person.ethnicity),
        language_group="interpreter" if interpreted else language_group(person.language),
    )


def ethnic_group(code: str | None) -> str | None:
    """The group of a code of UK Core EthnicCategory; None for "not stated" and unknown codes."""
    if not code or len(code) > _LONGEST_CODE:
        return None
    return _BY_CODE.get(code) or _BY_LETTER.get(code[0])


def language_group(language: str | None) -> str | None:
    """`english` or `other` for a BCP 47 tag; None when no language is known."""
    if not language:
        return None
    return "english" if language_name(language) == ENGLISH else "other"


def age_band(age: int | None) -> str | None:
    """The band of five years (`35-39`, `90+`) of an age; None for one unknown or below 0."""
    if age is None or age < 0:
        return None
    return FIVE_YEAR_BANDS[min(age // 5, len(FIVE_YEAR_BANDS) - 1)]


def needed_interpreter(resource: Mapping[str, Any]) -> bool:
    """Whether a QuestionnaireResponse says that somebody interpreted, professional or not."""
    return any(code != NO_INTERPRETER for code in _codes(resource.get("item"), INTERPRETER))


def _codes(items: Any, link_id: str) -> list[str]:
    """The codes answered to an item; read from the stored form, whichever version it was of."""
    found: list[str] = []
    for item in items or ():
        answers = item.get("answer") or ()
        if item.get("linkId") == link_id:
            found += [each["valueCoding"]["code"] for each in answers if "valueCoding" in each]
        found += _codes(item.get("item"), link_id)
    return found


def _place(geography: Geography, postcode: str | None) -> Place:
    """Where a postcode lies; a place of which nothing is known for none, or one not in the table.

    Unlike a plan, a fact never takes the practice's place: that would say where a person lives.
    """
    try:
        return geography.place(postcode) if postcode else Place()
    except (InvalidPostcode, UnknownPostcode):
        return Place()
