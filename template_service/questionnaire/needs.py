"""Which needs a domain brings: the categories that the directory of services is indexed by."""

from collections.abc import Iterable

from template_service.questionnaire.form import Domain, Option


def needs_of(
    domain: Domain,
    chosen: Iterable[Option],
    household: frozenset[str],
    of_cards: Iterable[str],
    *,
    is_need: bool,
) -> tuple[str, ...]:
    """The needs of a domain whose level is 1 or more, sorted (rules.md, rule 4i).

    Those of the chosen options; the domain's default ones when it is a need (`is_need`: by its row
    or by a disclosure, not by an urgent tick alone) and the options name none; those its household
    brings; `of_cards`, those of its raised cards.
    """
    named = {need for option in chosen for need in option.needs}
    if is_need and not named:
        named.update(domain.default_needs)
    for members, needs in domain.household_needs:
        if not members.isdisjoint(household):
            named.update(needs)
    named.update(of_cards)
    return tuple(sorted(named)) if len(named) > 1 else tuple(named)
