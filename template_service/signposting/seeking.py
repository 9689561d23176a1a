"""Who is looking for help: a seeker made from a person's answers and record."""

from dataclasses import dataclass
from datetime import datetime

from directory.geography import Geography, InvalidPostcode, Place, UnknownPostcode
from directory.matching import Seeker
from template_service.questionnaire.answers import codes
from template_service.questionnaire.form import HOUSEHOLD, Answers, Form, Option

# A linkId of the template's session questions, which its versions keep.
TENURE = "tenure"

# Value of the extension sdoh-seeker: services that count as public funds may harm this person.
NO_PUBLIC_FUNDS = "no-public-funds"


@dataclass(frozen=True, slots=True)
class Record:
    """What the record knows of a person that eligibility may depend on; everything may be missing.

    `age` is in whole years; `sex` is `female`, `male` or None; `language` a BCP 47 code.
    """

    age: int | None = None
    sex: str | None = None
    language: str | None = None
    place: Place | None = None


def place_of(geography: Geography, *, postcode: str | None, practice: str) -> Place | None:
    """Where to look for help: the person's postcode, or else the practice's own place.

    No postcode, one outside the table and the pseudo-postcodes of no fixed abode (ZZ99) are placed
    by practice; the deprivation decile is then unknown, never the practice's.
    """
    try:
        place = geography.place(postcode) if postcode else None
    except (InvalidPostcode, UnknownPostcode):
        place = None
    if place is not None and not place.no_fixed_abode:
        return place
    return geography.place_by_practice(practice)


def seeker(
    *,
    needs: tuple[str, ...],
    urgent: frozenset[str],
    form: Form,
    answers: Answers,
    record: Record,
    now: datetime,
) -> Seeker:
    """A seeker of services for these need categories; `urgent` are those that must be met today."""
    return Seeker(
        needs=needs,
        urgent=urgent,
        place=record.place,
        age=record.age,
        sex=record.sex,
        language=record.language,
        tenure=next(iter(codes(answers.get(TENURE, ()))), None),
        household=frozenset(codes(answers.get(HOUSEHOLD, ()))),
        no_public_funds=_is_told(form, answers, NO_PUBLIC_FUNDS),
        now=now,
    )


def _is_told(form: Form, answers: Answers, fact: str) -> bool:
    """Whether any chosen option says this of the person (extension sdoh-seeker)."""
    return any(
        isinstance(value, Option) and value.seeker == fact
        for link_id in form.tells
        for value in answers.get(link_id, ())
    )
