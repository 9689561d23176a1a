"""A plan as its page shows it, and what the side panel of the template tells so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import orjson

from directory.model import NEEDS
from template_service.artefacts import artefact_path
from template_service.questionnaire.form import Form
from template_service.questionnaire.scoring import Score
from template_service.signposting.plan import Plan, PlanNeed
from template_service.web.form_words import Words, as_it_is, form_words
from template_service.web.service_view import ServiceView, matched
from template_service.web.speech import english, joined, ngettext
from template_service.web.speech import gettext as _
from template_service.web.words import listed

# A person leaves with two or three services a need: more choice is less help.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Excluded:
    """A service that does not fit, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class NeedView:
    """One need: what was said, how much it matters, and what fits."""

    id: str
    title: str
    said: str
    detail: str
    services: tuple[ServiceView, ...]
    nothing: str
    gaps: tuple[str, ...]
    excluded: tuple[Excluded, ...]
    excluded_text: str
    refer_href: str = ""


@dataclass(frozen=True, slots=True)
class SoFarNeed:
    """One line of the side panel."""

    text: str
    said: str
    detail: str


@dataclass(frozen=True, slots=True)
class SoFar:
    """The side panel of the template. Nothing in it, counts included, tells of the safety row."""

    urgent: tuple[str, ...]
    needs: tuple[SoFarNeed, ...]
    counts: str


@cache
def level_texts() -> Mapping[int, str]:
    """What each level means, from the CodeSystem of levels."""
    system = orjson.loads(artefact_path("CodeSystem", "template-levels").read_bytes())
    return {int(concept["code"]): concept["display"] for concept in system["concept"]}


def need_view(
    need: PlanNeed, today: date, refer_href: str = "", words: Words = as_it_is
) -> NeedView:
    """A need with up to `SHOWN` services, each once, best first; `words` says the form's texts."""
    services = _services(need, today)
    return NeedView(
        id=need.domain.id,
        title=words(need.domain.title),
        said=said(need, words),
        detail=_detail(need, words),
        services=services,
        nothing=_nothing(need),
        gaps=tuple(
            _(
                "Nothing in the directory fits this person for %(need)s. Recorded as a gap.",
                need=english(NEEDS.get(category, category)),
            )
            for category in (need.unmet if services else ())
        ),
        excluded=tuple(Excluded(item.name, item.reason) for item in _once(need)),
        excluded_text=ngettext(
            "Not shown: %(num)s service", "Not shown: %(num)s services", len(_once(need))
        ),
        refer_href=refer_href,
    )


def said(need: PlanNeed, words: Words = as_it_is) -> str:
    """The chosen answers, `Damp or mould; No, both`: for small text under a title that says where.

    Alone they may not make sense.
    """
    return joined("; ", (words(option.display) for option in need.chosen))


def so_far(
    form: Form, plan: Plan, score: Score, hidden_cards: frozenset[str] = frozenset()
) -> SoFar:
    """The side panel for a plan without safety, and without `hidden_cards`."""
    words = form_words(form)
    states: dict[str, list[str]] = {}
    for domain in form.domains:
        if not domain.masked:
            states.setdefault(score.domains[domain.id].state, []).append(words(domain.title))
    declined = states.get("declined", [])
    parts = [_("Rather not say: %(rows)s", rows=listed(declined))] if declined else []
    parts.append(_("Not asked: %(count)s", count=len(states.get("not-asked", []))))
    return SoFar(
        urgent=tuple(i.card.text for i in plan.urgent if i.card.id not in hidden_cards),
        needs=tuple(
            SoFarNeed(words(need.domain.title), said(need, words), _fits(need))
            for need in (*plan.needs, *plan.folded)
        ),
        counts=joined(" · ", parts),
    )


def _services(need: PlanNeed, today: date) -> tuple[ServiceView, ...]:
    """The best service of every need category, then the next by rank up to `SHOWN`, each once."""
    firsts = {match.need: match for match in reversed(need.matches)}
    best = [firsts[category] for category in need.needs if category in firsts]
    ids = list(dict.fromkeys(match.service.id for match in (*best, *need.matches)))
    count = max(SHOWN, len({match.service.id for match in best}))
    return tuple(_whole(need, service_id, today) for service_id in ids[:count])


def _whole(need: PlanNeed, service_id: str, today: date) -> ServiceView:
    """A service with everything it helps this need with, said before its other reasons."""
    found = [match for match in need.matches if match.service.id == service_id]
    helps = [match.reasons[0] for match in found]
    view = matched(found[0], today)
    return replace(view, reasons=tuple(dict.fromkeys((*helps, *view.reasons))))


def _once(need: PlanNeed) -> tuple[Excluded, ...]:
    """Each excluded service once, unless it is shown for another category of the same need."""
    shown = {match.service.id for match in need.matches}
    found = {
        item.service_id: Excluded(item.name, item.reason)
        for item in reversed(need.excluded)
        if item.service_id not in shown
    }
    return tuple(reversed(found.values()))


def _detail(need: PlanNeed, words: Words) -> str:
    level = english(_upper_first(level_texts().get(need.level, "")))
    option = next((o for o in need.domain.wants_help.options if o.code == need.wants_help), None)
    asked = _("Help wanted: %(answer)s", answer=words(option.display)) if option else ""
    return joined(" · ", filter(None, (level, asked)))


def _nothing(need: PlanNeed) -> str:
    if need.wants_help == "no":
        return _("No help wanted, so nothing was looked for.")
    if need.wants_help == "already-has-help":
        return _("They have help already, so nothing was looked for.")
    return _("Nothing in the directory fits this person. Recorded as a gap.")


def _fits(need: PlanNeed) -> str:
    ids = {match.service.id for match in need.matches}
    near = [match.distance_km for match in need.matches if match.distance_km is not None]
    if not ids:
        return _("No service found yet")
    text = ngettext("%(num)s service fits", "%(num)s services fit", len(ids))
    if not near:
        return text
    return _("%(services)s, nearest %(distance)s km", services=text, distance=f"{min(near):.1f}")


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
