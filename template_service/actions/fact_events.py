"""What was done for people, as facts count it: services given, referrals made, how they ended."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from sqlalchemy import Connection

from template_service.actions.evaluation import needs_of
from template_service.actions.first_counts import First, Month
from template_service.questionnaire.form import Form
from template_service.records import fact_history
from template_service.records.fact_history import ReferredFor
from template_service.records.fact_ledger import What
from template_service.referral.states import FINAL, Outcome

# What facts call the outcomes of a referral.
_OUTCOMES = {Outcome.RESOLVED: "resolved", Outcome.PARTLY: "partly", Outcome.NOT_RESOLVED: "not"}
# A referral that was declined or withdrawn has none: the person left it without one.
_LEFT = "left"


@dataclass(frozen=True, slots=True)
class NeedDomains:
    """From needs to domains. `usual` is the first domain of the template that raises each need.

    `private` are the domains whose needs are never given services for, or referred, by the pages.
    """

    usual: Mapping[str, str]
    private: Set[str]

    @classmethod
    def of(cls, form: Form) -> Self:
        """What a template says of its needs."""
        offered = [domain for domain in form.domains if not domain.masked]
        usual = {need: domain.id for domain in reversed(offered) for need in needs_of(domain)}
        for card in form.cards.values():
            if card.domain is not None and not card.masked:
                usual |= {need: card.domain for need in card.needs if need not in usual}
        return cls(usual, {domain.id for domain in form.domains if domain.masked})

    def raised_by(self, needs: Set[str], states: fact_history.States) -> Set[str]:
        """The domains that raised these needs in a response; the usual ones where none did.

        None did where the help was for a card that was raised earlier and still open.
        """
        raised = {state["id"] for state in states if not needs.isdisjoint(state.get("needs", ()))}
        return raised - self.private or {self.usual[need] for need in needs & self.usual.keys()}


def events(
    conn: Connection,
    month: Month,
    need_domains: NeedDomains,
    *,
    organisation_id: str,
    person_id: str,
) -> Iterator[First]:
    """What was done for a record's person in the financial year up to the month's end.

    How a referral ended comes too where that was later; a later month is then the one it counts in.
    """
    nowhere = First(
        domain="",
        what=What.SIGNPOSTED,
        at=month.year_start,
        organisation_id=organisation_id,
        person_id=person_id,
        response_id=None,
    )
    span = {"since": month.year_start, "before": month.end}
    for given in fact_history.given_for(conn, organisation_id, person_id, **span):
        event = replace(nowhere, at=given.given_at, response_id=given.response_id)
        yield from _placed(conn, event, {given.need}, need_domains)
    for referral in fact_history.referred_for(conn, organisation_id, person_id, **span):
        asked = replace(
            nowhere,
            what=What.REFERRED,
            at=referral.requested_at,
            response_id=referral.response_id,
        )
        for one in _placed(conn, asked, set(referral.needs), need_domains):
            if one.at >= month.year_start:
                yield one
            if referral.status in FINAL:
                yield _end(one, referral)


def _placed(
    conn: Connection, event: First, needs: Set[str], need_domains: NeedDomains
) -> tuple[First, ...]:
    """The event once for each domain it was for, by the response as it stood at that moment."""
    saved = event.response_id and fact_history.last_states(
        conn,
        event.organisation_id,
        event.response_id,
        before=event.at + timedelta.resolution,
    )
    found = need_domains.raised_by(needs, saved.states if saved else [])
    return tuple(replace(event, domain=domain) for domain in sorted(found))


def _end(asked: First, referral: ReferredFor) -> First:
    """How a referral ended; a final state never changes, so it tells of its month for good."""
    outcome = referral.outcome
    helped = outcome in {Outcome.RESOLVED, Outcome.PARTLY}
    return replace(
        asked,
        what=What.HELPED if helped else What.ENDED,
        at=referral.status_at,
        outcome=_OUTCOMES[outcome] if outcome else _LEFT,
    )
