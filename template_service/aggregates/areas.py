"""The areas figures are about, by the names people know them by."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from directory.geography import Geography
from template_service.aggregates.vocabulary import UNKNOWN
from template_service.errors import NotFound

CITY: Final = "city"
PCN: Final = "pcn"
PRACTICE: Final = "practice"
WARD: Final = "ward"
MSOA: Final = "msoa"

NOT_KNOWN: Final = "Not known"


@dataclass(frozen=True, slots=True)
class Areas:
    """Codes to names for each type of area, the one city, and its small areas.

    `names` maps a type of area to code -> name; `pcn_of` a practice to its network; `small_areas`
    an LSOA (2011) to its IMD decile and the ward most of its postcodes lie in.
    """

    city: str
    names: Mapping[str, Mapping[str, str]]
    pcn_of: Mapping[str, str]
    small_areas: Mapping[str, tuple[int, str]]
    imd_edition: str

    @classmethod
    def of(cls, geography: Geography) -> Self:
        """The areas of a geography; its city is the district most of its practices lie in."""
        practices = geography.practices()
        districts = Counter(practice.place.lad_code for practice in practices)
        city = next((code for code, _ in districts.most_common(1) if code), "")
        names = geography.area_names()
        return cls(
            city=city,
            names={
                CITY: {city: names.get(city, city)},
                PCN: {pcn.code: pcn.name for pcn in geography.pcns()},
                PRACTICE: {practice.ods_code: practice.name for practice in practices},
                WARD: names,
                MSOA: {},
            },
            pcn_of={practice.ods_code: practice.pcn_code for practice in practices},
            small_areas=geography.small_areas(),
            imd_edition=geography.imd_edition,
        )

    def name(self, geography_type: str, code: str) -> str:
        """The name of an area; its code where no name is known."""
        if code == UNKNOWN:
            return NOT_KNOWN
        return self.names.get(geography_type, {}).get(code, code)

    def known(self, geography_type: str, code: str) -> str:
        """The name of an area there is; raises `NotFound` for a code nobody knows."""
        try:
            return self.names[geography_type][code]
        except KeyError:
            raise NotFound(f"There is no such {geography_type}") from None
