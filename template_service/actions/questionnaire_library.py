"""Which questionnaires of the library a principal may use for a person, and where each stands."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from template_service.access import scope
from template_service.access.principal import Principal
from template_service.errors import NotFound
from template_service.questionnaire.catalogue import Listed
from template_service.questionnaire.form import Form
from template_service.questionnaire.privacy import is_private
from template_service.questionnaire.problems import QuestionnaireError
from template_service.records import responses
from template_service.records.people import Person
from template_service.records.responses import COMPLETED, IN_PROGRESS, ResponseHead
from template_service.service import Service


@dataclass(frozen=True, slots=True)
class Standing:
    """A questionnaire of the library and how far one person is with it.

    `draft` is their response in progress, `finished` the newest finished one. One that is not
    `offered` was retired: it is there because of what was answered.
    """

    id: str
    title: str
    draft: ResponseHead | None
    finished: ResponseHead | None
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
    if not principal.sees_safety and any(map(is_private, _versions(service, form))):
        raise NotFound("This questionnaire is not in the library")


def _versions(service: Service, form: Form) -> Iterator[Form]:
    """A form and every other version of it that can be used."""
    yield form
    for listed in service.forms.listed():
        if listed.url == form.url:
            with suppress(QuestionnaireError):
                yield service.forms.by_id(listed.id)


def list_questionnaires(service: Service, principal: Principal, *, person_id: str) -> Standings:
    """The questionnaires of the library but the template, with where each stands for a person.

    Raises NotFound and Forbidden (`access.scope`).
    """
    with service.store.read() as conn:
        person = scope.person(conn, principal, person_id)
        heads = responses.responses_of(conn, person.organisation_id, person_id)
    lines = tuple(_standings(service, principal, heads))
    return Standings(person, tuple(sorted(lines, key=lambda line: line.title.casefold())))


def _standings(
    service: Service, principal: Principal, heads: tuple[ResponseHead, ...]
) -> Iterator[Standing]:
    by_url: dict[str, list[Listed]] = {}
    for listed in service.forms.listed():
        by_url.setdefault(listed.url, []).append(listed)
    for url, versions in by_url.items():
        mine = [head for head in heads if head.questionnaire_url == url]
        offered = [listed for listed in versions if not listed.retired]
        if url == service.form.url or not (offered or mine):
            continue
        newest = (offered or versions)[-1]
        try:
            form = service.forms.by_id(newest.id)
        except QuestionnaireError:
            # One that cannot be used any more must not take the others away.
            continue
        private = any(map(is_private, _versions(service, form)))
        if private and not principal.sees_safety:
            continue
        yield Standing(
            id=newest.id,
            title=form.title or form.id,
            draft=next((head for head in mine if head.status == IN_PROGRESS), None),
            finished=next((head for head in mine if head.status == COMPLETED), None),
            offered=bool(offered),
            private=private,
        )
