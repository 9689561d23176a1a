"""The plan of one response: what is urgent, the services that fit each need, and the gaps."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from directory.matching import Directory, Exclusion, Match, Matches
from directory.model import Service
from template_service.questionnaire.answers import Answers
from template_service.questionnaire.form import Card, Domain, Form, Option
from template_service.questionnaire.scoring import DomainScore, Score
from template_service.signposting.seeking import Record, seeker

# A person leaves with two or three services a need, not with a list.
SERVICES_PER_NEED = 3

WANTED = "yes-now"
# "Act before they leave": the highest level of the CodeSystem template-levels.
URGENT_LEVEL = 4
# Matched too, but folded away: nobody said no to them.
MAYBE_WANTED = frozenset({"later", None})


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A raised urgent card and whom to ring; a `masked` one is for someone seen alone."""

    card: Card
    contacts: tuple[Match, ...]
    national: tuple[Service, ...]
    masked: bool


@dataclass(frozen=True, slots=True)
class PlanNeed:
    """A domain with a need: what was said, how much it matters, and the services that fit.

    `matches` holds up to `SERVICES_PER_NEED` services for each need category, best first. `private`
    are the categories that only a masked option raised (a refuge): safety content, like the masked
    domain itself.
    """

    domain: Domain
    level: int
    wants_help: str | None
    chosen: tuple[Option, ...]
    needs: tuple[str, ...]
    matches: tuple[Match, ...]
    excluded: tuple[Exclusion, ...]
    unmet: tuple[str, ...]
    private: frozenset[str] = frozenset()

    def without_safety(self) -> "PlanNeed":
        """The same need with nothing in it that only a masked option raised."""
        return replace(
            self,
            chosen=tuple(option for option in self.chosen if not option.masked),
            needs=tuple(need for need in self.needs if need not in self.private),
            matches=tuple(match for match in self.matches if match.need not in self.private),
            excluded=tuple(item for item in self.excluded if item.need not in self.private),
            unmet=tuple(need for need in self.unmet if need not in self.private),
            private=frozenset(),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Urgent cards, wanted needs in order, other needs folded, and needs nothing fits.

    `unmet` are the wanted need categories for which the directory holds nothing this person may
    use; public health counts them as gaps in provision.
    """

    urgent: tuple[PlanCard, ...]
    needs: tuple[PlanNeed, ...]
    folded: tuple[PlanNeed, ...]
    unmet: tuple[str, ...]
    directory_version: str

    def without_safety(self) -> "Plan":
        """The plan that may be printed, sent, or seen by somebody who must not know of safety.

        Masked cards, masked domains and whatever a masked option raised are gone without a trace.
        """
        return replace(
            self,
            urgent=tuple(item for item in self.urgent if not item.card.masked),
            needs=_without_safety(self.needs),
            folded=_without_safety(self.folded),
            unmet=tuple(sorted({n for need in _without_safety(self.needs) for n in need.unmet})),
        )

    def as_json(self) -> dict[str, Any]:
        """What was offered, by identifiers only: the record of the plan at the time it was made."""
        return {
            "directory_version": self.directory_version,
            "urgent": [
                {"card": item.card.id, "services": [match.service.id for match in item.contacts]}
                for item in self.urgent
            ],
            "needs": [_offered(need) for need in (*self.needs, *self.folded)],
            "unmet": list(self.unmet),
        }


def build_plan(
    *,
    form: Form,
    score: Score,
    answers: Answers,
    record: Record,
    directory: Directory,
    now: datetime,
    cards: Iterable[str] = (),
) -> Plan:
    """The plan for one scored response.

    `cards` are urgent cards raised earlier and still open: they stay in the plan whatever a later
    answer says. Only needs for which help is wanted are matched in full; a need for which help was
    refused keeps its place, folded, with no services.
    """
    raised = tuple(card for card in dict.fromkeys((*score.urgent, *cards)) if card in form.cards)
    urgent = frozenset(need for card in raised for need in form.cards[card].needs)
    said = [_said(form.domain(domain), score) for domain in score.order]
    wanted = (need for one in said for need in one.matched)
    who = seeker(
        needs=tuple(dict.fromkeys((*sorted(urgent), *wanted))),
        urgent=urgent,
        form=form,
        answers=answers,
        record=record,
        now=now,
    )
    found = directory.match(who, k=SERVICES_PER_NEED)
    needs: list[PlanNeed] = []
    folded: list[PlanNeed] = []
    for one in said:
        (needs if _is_wanted(one.scored) else folded).append(_plan_need(one, found))
    return Plan(
        urgent=tuple(_plan_card(form.cards[card], score, directory, found) for card in raised),
        needs=tuple(needs),
        folded=tuple(folded),
        unmet=tuple(sorted({category for need in needs for category in need.unmet})),
        directory_version=directory.version,
    )


def every_card(
    *, form: Form, answers: Answers, record: Record, directory: Directory, now: datetime
) -> tuple[PlanCard, ...]:
    """Every card of the form with whom to ring for this person, raised or not.

    A page carries them so that an answer can open its card at once, before anything is saved.
    """
    urgent = frozenset(need for card in form.cards.values() for need in card.needs)
    who = seeker(
        needs=tuple(sorted(urgent)),
        urgent=urgent,
        form=form,
        answers=answers,
        record=record,
        now=now,
    )
    matched = directory.match(who, k=SERVICES_PER_NEED)
    return tuple(
        PlanCard(card, *_contacts(card, directory, matched), masked=card.masked)
        for card in form.cards.values()
    )


def _without_safety(needs: tuple[PlanNeed, ...]) -> tuple[PlanNeed, ...]:
    return tuple(need.without_safety() for need in needs if not need.domain.masked)


class _Said(NamedTuple):
    """What was said of one domain; `matched` are those of its `needs` to find services for."""

    domain: Domain
    scored: DomainScore
    chosen: tuple[Option, ...]
    private: frozenset[str]
    needs: tuple[str, ...]
    matched: tuple[str, ...]


def _said(domain: Domain, score: Score) -> _Said:
    """Needs that masked options alone raised do not stand alone.

    Without safety such a domain would stand there empty and tell; its default needs fill the gap.
    """
    scored, chosen = score.domains[domain.id], score.chosen[domain.id]
    private, needs = _private(chosen), scored.needs
    if private and private.issuperset(needs):
        needs = (*needs, *domain.default_needs)
    return _Said(domain, scored, chosen, private, needs, needs if _is_matched(scored) else ())


def _is_wanted(scored: DomainScore) -> bool:
    """Help wanted now; or urgent, and nobody has asked yet whether help is wanted."""
    return scored.wants_help == WANTED or (
        scored.level == URGENT_LEVEL and scored.wants_help is None
    )


def _is_matched(scored: DomainScore) -> bool:
    return scored.wants_help == WANTED or scored.wants_help in MAYBE_WANTED


def _plan_card(card: Card, score: Score, directory: Directory, matched: Matches) -> PlanCard:
    # A card kept from an earlier visit is not in this score: fail closed.
    kept_masked = card.masked and card.id not in score.urgent
    return PlanCard(
        card,
        *_contacts(card, directory, matched),
        masked=card.id in score.masked_on_screen or kept_masked,
    )


def _contacts(
    card: Card, directory: Directory, matched: Matches
) -> tuple[tuple[Match, ...], tuple[Service, ...]]:
    """Who acts today for this person, and the lines beside them; never silently nothing."""
    lines = (
        *(line for need in card.needs for line in directory.national_lines(need, matched.seeker)),
        *directory.lines_for_card(card.id),
    )
    return matched.services(card.needs), tuple({line.id: line for line in lines}.values())


def _plan_need(said: _Said, found: Matches) -> PlanNeed:
    return PlanNeed(
        domain=said.domain,
        level=said.scored.level or 0,
        wants_help=said.scored.wants_help,
        chosen=said.chosen,
        needs=said.needs,
        matches=found.services(said.matched),
        excluded=found.left_out(said.matched),
        unmet=tuple([need for need in said.matched if need in found.unmet]),
        private=said.private,
    )


def _private(chosen: tuple[Option, ...]) -> frozenset[str]:
    masked = {need for option in chosen if option.masked for need in option.needs}
    if not masked:
        return frozenset()
    return frozenset(
        masked - {need for option in chosen if not option.masked for need in option.needs}
    )


def _offered(need: PlanNeed) -> dict[str, Any]:
    return {
        "domain": need.domain.id,
        "level": need.level,
        "wants_help": need.wants_help,
        "needs": list(need.needs),
        "services": [
            {
                "need": match.need,
                "service_id": match.service.id,
                "distance_km": match.distance_km,
                "freshness": match.freshness,
            }
            for match in need.matches
        ],
        "unmet": list(need.unmet),
    }
