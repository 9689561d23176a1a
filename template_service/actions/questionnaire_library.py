"""Which questionnaires of the library a principal may use for a person, and where each stands."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal
from template_service.errors import NotFound
from template_service.questionnaire.catalogue import Listed
from template_service.questionnaire.form import Form
from template_service.questionnaire.privacy import is_private, is_wholly_private
from template_service.questionnaire.problems import QuestionnaireError
from template_service.records import audit, responses, revisions
from template_service.records.people import Person
from template_service.records.responses import COMPLETED, IN_PROGRESS, ResponseHead
from template_service.service import Service

# FHIR: "partially filled out with answers, but abandoned". Nothing goes on from such a response.
DISCARDED: Final = "stopped"


@dataclass(frozen=True, slots=True)
class Standing:
    """A questionnaire of the library and how far one person is with it.

    `draft` is their response in progress, `finished` are the finished ones, newest first. `version`
    and `date` are the questionnaire's own, as it is offered. One that is not `offered` was retired:
    it is there because of what was answered. Of one that is `private` all is about safety, in this
    version or another: that it was answered tells of it, so it is never there once retired.
    """

    id: str
    title: str
    version: str
    date: str
    draft: ResponseHead | None
    finished: tuple[ResponseHead, ...]
    offered: bool
    private: bool


@dataclass(frozen=True, slots=True)
class Standings:
    """The questionnaires a principal may use for a person, by title."""

    person: Person
    lines: tuple[Standing, ...]


def must_know_of(service: Service, form: Form, principal: Principal) -> None:
    """Raises NotFound for a questionnaire that a role must not learn of.

    One with anything of safety in it, in this version or another: whoever cannot see that part
    would change, or guess at, what they do not see.
    """
    if not may_know_of(service, form, principal):
        raise NotFound("This questionnaire is not in the library")


def may_know_of(service: Service, form: Form, principal: Principal) -> bool:
    """Whether a role may learn of a questionnaire, as `must_know_of` says."""
    return principal.sees_safety or not asks_about_safety(service, form)


def asks_about_safety(service: Service, form: Form) -> bool:
    """Whether anything is safety in a questionnaire, in this version or another."""
    return any(map(is_private, _versions(service, form)))


def _versions(service: Service, form: Form) -> Iterator[Form]:
    """A form and every other version of it that can be used."""
    yield form
    for listed in service.forms.listed():
        if listed.url == form.url:
            with suppress(QuestionnaireError):
                yield service.forms.by_id(listed.id)


def list_questionnaires(service: Service, principal: Principal, *, person_id: str) -> Standings:
    """The questionnaires of the library but the template, with where each stands for a person.

    The look is audited. Raises NotFound and Forbidden (`access.scope`).
    """
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        heads = responses.responses_of(conn, person.organisation_id, person_id)
        finished = _finished(conn, heads)
        audit.append(
            conn,
            person.organisation_id,
            actor=principal.actor,
            action="list-questionnaires",
            at=clock.now(),
            entities={"person": person_id},
        )
    lines = tuple(_standings(service, principal, heads, finished))
    return Standings(person, tuple(sorted(lines, key=lambda line: line.title.casefold())))


def stored_body(
    conn: Connection, head: ResponseHead | None, revision: int | None = None
) -> Mapping[str, Any]:
    """What a revision of a response holds (the newest unless named); empty when there is none."""
    if head is None:
        return {}
    kept = revisions.revision(
        conn, head.organisation_id, head.response_id, revision or head.revision
    )
    found: Any = {} if kept is None else orjson.loads(kept.body)
    return found if isinstance(found, dict) else {}


def is_discarded(stored: Mapping[str, Any]) -> bool:
    """Whether a stored response was a draft that somebody discarded."""
    return stored.get("status") == DISCARDED


def _finished(
    conn: Connection, heads: tuple[ResponseHead, ...]
) -> Mapping[str, tuple[ResponseHead, ...]]:
    """The finished responses to each questionnaire, by its url, newest first."""
    found: dict[str, tuple[ResponseHead, ...]] = {}
    for head in heads:
        if head.status == COMPLETED and not is_discarded(stored_body(conn, head)):
            found[head.questionnaire_url] = (*found.get(head.questionnaire_url, ()), head)
    return found


def _standings(
    service: Service,
    principal: Principal,
    heads: tuple[ResponseHead, ...],
    finished: Mapping[str, tuple[ResponseHead, ...]],
) -> Iterator[Standing]:
    by_url: dict[str, list[Listed]] = {}
    for listed in service.forms.listed():
        by_url.setdefault(listed.url, []).append(listed)
    for url, versions in by_url.items():
        offered = [listed for listed in versions if not listed.retired]
        mine = (head for head in heads if head.questionnaire_url == url)
        draft = next((head for head in mine if head.status == IN_PROGRESS), None)
        if url == service.form.url or not (offered or draft or url in finished):
            continue
        newest = (offered or versions)[-1]
        try:
            form = service.forms.by_id(newest.id)
        except QuestionnaireError:
            # One that cannot be used any more must not take the others away.
            continue
        private = any(map(is_wholly_private, _versions(service, form)))
        # One that is no longer offered would stand there for those who answered it alone.
        if not may_know_of(service, form, principal) or (private and not offered):
            continue
        yield Standing(
            id=newest.id,
            title=form.title or form.id,
            version=form.version or "",
            date=_date_of(form),
            draft=draft,
            finished=finished.get(url, ()),
            offered=bool(offered),
            private=private,
        )


def _date_of(form: Form) -> str:
    found = form.resource.get("date")
    return found if isinstance(found, str) else ""
