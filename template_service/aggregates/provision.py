"""Needs that no service of the published directory may meet in some wards."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from directory.geography import Place
from directory.matching import Directory
from directory.model import NEEDS
from template_service.aggregates.areas import WARD, Areas
from template_service.aggregates.report.context import Gap
from template_service.questionnaire.form import Form

_FAMILY = "family"
_CHILDREN = frozenset({"under5", "school"})
# The directory in use, and one that has just been replaced.
_KEPT = 2


class Unmet(NamedTuple):
    """A need and the wards, by name, that no running service for it covers."""

    need: str
    phrase: str
    wards: tuple[str, ...]
    everywhere: bool


def wards_of(areas: Areas) -> dict[str, str]:
    """Code to name of the wards that the city's small areas lie in, in order of name."""
    codes = {ward for _, ward in areas.small_areas.values()}
    return dict(sorted(((code, areas.name(WARD, code)) for code in codes), key=lambda it: it[1]))


def unmet_needs(directory: Directory, areas: Areas) -> tuple[Unmet, ...]:
    """Each need that a ward has nothing for, in order of its phrase.

    A service that does not state its area may cover any; one for the city or the country covers
    every ward. Who else is eligible is a question about persons and not about wards.
    """
    return _unmet(directory, areas.city, tuple(wards_of(areas).items()))


def family_needs(form: Form) -> frozenset[str]:
    """The needs that the template raises for families and for households with children."""
    named: set[str] = set()
    for domain in form.domains:
        if domain.id == _FAMILY:
            named.update(domain.default_needs)
            for item in domain.follow_ups:
                named.update(need for option in item.options for need in option.needs)
        for households, needs in domain.household_needs:
            if households & _CHILDREN:
                named.update(needs)
    return frozenset(named)


def gaps(unmet: Iterable[Unmet], wards: Collection[str], families: Collection[str]) -> list[Gap]:
    """The same as a report tells it, for some wards by name."""
    there = ((each, tuple(name for name in each.wards if name in wards)) for each in unmet)
    return [
        Gap(each.phrase, names, families=each.need in families) for each, names in there if names
    ]


def lacks(
    directory: Directory, form: Form, areas: Areas, wards: Collection[str] | None
) -> tuple[Gap, ...]:
    """The gaps in provision of some wards by code, or with None of every ward of the city."""
    names = wards_of(areas)
    there = {name for code, name in names.items() if wards is None or code in wards}
    return tuple(gaps(unmet_needs(directory, areas), there, family_needs(form)))


@lru_cache(maxsize=_KEPT)
def _unmet(
    directory: Directory, city: str, wards: tuple[tuple[str, str], ...]
) -> tuple[Unmet, ...]:
    found = []
    for need, phrase in sorted(NEEDS.items(), key=lambda item: item[1].casefold()):
        without = tuple(
            name
            for code, name in wards
            if not directory.covers([need], Place(ward_code=code, lad_code=city))
        )
        if without:
            found.append(Unmet(need, phrase, without, len(without) == len(wards)))
    return tuple(found)
