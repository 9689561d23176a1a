"""Made-up people: names nobody takes for real, NHS numbers of the 999 range, real postcodes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from nhs_number.validate import calculate_checksum

from directory.geography import Geography, Place, Practice
from template_service.records.people import PersonDetails

GIVEN_NAMES = (
    *("Alex", "Amal", "Ashley", "Charlie", "Dana", "Frankie", "Jamie", "Jo", "Kit", "Morgan"),
    *("Noor", "Ola", "Remi", "Robin", "Sam", "Sasha"),
)
FAMILY_NAMES = ("Demo", "Example", "Madeup", "Pretend", "Sample", "Synthetic", "Test")

# Shares are round figures made up for the demonstration; they are no statement about Leeds.
LANGUAGES = (("en", 82), ("ur", 4), ("pl", 4), ("ro", 4), ("ar", 3), ("pa", 3))
ETHNICITIES = (("A", 66), ("J", 8), ("N", 7), ("H", 5), ("C", 6), ("M", 3), ("F", 3), ("Z", 2))
AGE_BANDS = ((0, 4, 4), (5, 17, 8), (18, 39, 32), (40, 64, 34), (65, 94, 22))

# Patients live near their practice: postcodes are drawn from this many nearest ones.
CATCHMENT_POSTCODES = 250


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    """A made-up person: the practice, the details to register, and where the postcode lies."""

    practice: Practice
    details: PersonDetails
    place: Place
    age: int


def synthetic_people(
    *, geography: Geography, practices: Sequence[Practice], today: date, random: Random
) -> Iterator[SyntheticPerson]:
    """One made-up person for each practice given, in that order; deterministic in `random`."""
    catchments: dict[str, tuple[str, ...]] = {}
    for serial, practice in enumerate(practices, start=1):
        if practice.ods_code not in catchments:
            catchments[practice.ods_code] = geography.nearest_postcodes(
                practice.place, CATCHMENT_POSTCODES
            )
        postcode = random.choice(catchments[practice.ods_code])
        age = _age(random)
        yield SyntheticPerson(
            practice=practice,
            details=PersonDetails(
                nhs_number=synthetic_nhs_number(serial),
                family_name=f"{random.choice(FAMILY_NAMES)}-{serial:04d}",
                given_name=random.choice(GIVEN_NAMES),
                birth_date=today - timedelta(days=int(age * 365.25) + random.randrange(1, 360)),
                postcode=postcode,
                sex=random.choice(("female", "male")),
                language=_pick(LANGUAGES, random),
                ethnicity=_pick(ETHNICITIES, random),
            ),
            place=geography.place(postcode),
            age=age,
        )


def synthetic_nhs_number(serial: int) -> str:
    """The NHS number for a serial number: ten digits of the 999 range, never issued to a person.

    A body whose check digit would be 10 has no number and the next one is taken: that one always
    has, because two neighbours never both lack it (modulus 11, NHS Data Dictionary, "NHS NUMBER").
    """
    body = f"{999_000_000 + 2 * serial}"
    if calculate_checksum(body) == 10:
        body = f"{999_000_001 + 2 * serial}"
    return f"{body}{calculate_checksum(body)}"


def _age(random: Random) -> int:
    low, high, _ = random.choices(AGE_BANDS, weights=[share for *_, share in AGE_BANDS])[0]
    return random.randint(low, high)


def _pick(shares: Sequence[tuple[str, int]], random: Random) -> str:
    return random.choices([code for code, _ in shares], weights=[share for _, share in shares])[0]
