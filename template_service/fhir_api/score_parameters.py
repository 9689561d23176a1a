"""What `QuestionnaireResponse/$score` answers (`fhir/OperationDefinition/score.json`)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from directory.matching import Match
from template_service.questionnaire.expressions.writing import as_answers
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.scoring import DomainScore, Score, totals
from template_service.signposting.plan import Plan

from . import resources
from .healthcare_service import healthcare_service


def score_parameters(
    form: Form,
    answers: Answers,
    score: Score,
    plan: Plan,
    *,
    calculated: Mapping[str, Any],
    sees_safety: bool,
) -> Any:
    """The answer as an R4B Parameters model.

    `calculated` are the values to be told of calculated items, by linkId. Masked domains are left
    out unless `sees_safety`.
    """
    parameters = [
        *_domains(form, score, sees_safety=sees_safety),
        *_codes("urgent", score.urgent),
        *_codes("masked-on-screen", score.masked_on_screen),
        *_codes("order", score.order),
        *_codes("need", score.needs),
        *_totals(form, answers),
        *_calculated(form, calculated),
        *_matches(plan),
    ]
    return resources.Parameters.model_validate({"parameter": parameters or None})


def _domains(form: Form, score: Score, *, sees_safety: bool) -> Iterator[dict[str, Any]]:
    for scored in score.domains.values():
        if sees_safety or not form.domain(scored.id).masked:
            yield {"name": "domain", "part": list(_domain_parts(scored))}


def _domain_parts(scored: DomainScore) -> Iterator[dict[str, Any]]:
    yield {"name": "id", "valueCode": scored.id}
    yield {"name": "state", "valueCode": scored.state}
    if scored.level is not None:
        yield {"name": "level", "valueInteger": scored.level}
    if scored.wants_help is not None:
        yield {"name": "wants-help", "valueCode": scored.wants_help}


def _codes(name: str, codes: Iterable[str]) -> Iterator[dict[str, Any]]:
    return ({"name": name, "valueCode": code} for code in codes)


def _totals(form: Form, answers: Answers) -> Iterator[dict[str, Any]]:
    for link_id, total in totals(form, answers):
        value = {"name": "value", "valueDecimal": total}
        yield {"name": "score", "part": [{"name": "linkId", "valueString": link_id}, value]}


def _calculated(form: Form, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for link_id, value in values.items():
        (answer,) = as_answers(form.items[link_id], [value])
        part = [{"name": "linkId", "valueString": link_id}, {"name": "value", **answer}]
        yield {"name": "calculated", "part": part}


def _matches(plan: Plan) -> Iterator[dict[str, Any]]:
    """Each service once for each need: whom to ring today first, then in the order of the plan."""
    named: dict[tuple[str, str], Match] = {}
    for match in _best_first(plan):
        named.setdefault((match.need, match.service.id), match)
    return ({"name": "match", "part": list(_match_parts(match))} for match in named.values())


def _best_first(plan: Plan) -> Iterator[Match]:
    for card in plan.urgent:
        yield from card.contacts
    for need in (*plan.needs, *plan.folded):
        yield from need.matches


def _match_parts(match: Match) -> Iterator[dict[str, Any]]:
    yield {"name": "need", "valueCode": match.need}
    yield {"name": "service", "resource": healthcare_service(match)}
    for reason in match.reasons:
        yield {"name": "reason", "valueString": reason}
    yield {"name": "freshness", "valueCode": match.freshness}
