"""A questionnaire of the library for a person: opened, gone on with, looked at when finished."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal
from template_service.actions.questionnaire_beginning import beginning_of
from template_service.actions.questionnaire_library import is_discarded, must_know_of, stored_body
from template_service.actions.saving import Author, note
from template_service.errors import Conflict, NotFound
from template_service.questionnaire.form import Form
from template_service.records import questionnaires, responses, revisions
from template_service.records.people import Person
from template_service.records.questionnaires import Key
from template_service.records.responses import COMPLETED, IN_PROGRESS, ResponseHead
from template_service.records.revisions import Revision
from template_service.service import TEMPLATE_ID, Service


class Retired(Conflict):
    """A questionnaire, or this version of it, that nothing new is begun with; nothing was stored.

    As when one is received, an answer that discloses something urgent is kept all the same.
    """

    slug = "retired"
    title = "This questionnaire is retired: nothing new can be begun with it"


@dataclass(frozen=True, slots=True)
class OpenQuestionnaire:
    """A questionnaire as it stands for a person. `head` is None before the first save.

    `response` is what is stored in its newest revision, empty before the first; `beginning` what a
    new one starts from (`beginning_of`). Safety answers are in it: the face decides what may be
    shown. `aside` are the ids of drafts that are left as they are, for another one beside them.
    """

    person: Person
    form: Form
    head: ResponseHead | None
    response: Mapping[str, Any] = field(repr=False)
    beginning: Mapping[str, Any] = field(default_factory=dict, repr=False)
    aside: frozenset[str] = frozenset()

    @property
    def revision(self) -> int:
        """The revision the page starts from."""
        return 0 if self.head is None else self.head.revision

    @property
    def stored(self) -> Mapping[str, Any]:
        """What a page starts from: what is stored, or what a new response begins with."""
        return self.beginning if self.head is None else self.response


def open_questionnaire(
    service: Service,
    principal: Principal,
    *,
    person_id: str,
    questionnaire_id: str,
    aside: frozenset[str] = frozenset(),
) -> OpenQuestionnaire:
    """A person's response in progress to a questionnaire, or a new one; the look is audited.

    A draft is read with the version it was made with, a new one begins with the newest; `aside` are
    drafts to go on without. Raises NotFound (also when the role must not know of it), Forbidden,
    and Retired when it would begin one that is retired.
    """
    now = clock.now()
    with service.store.write() as conn:
        opened = _opened(service, principal, conn, person_id, questionnaire_id, aside=aside)
        if opened.head is None and is_retired(conn, opened.form):
            raise Retired
        author = Author.of(principal, now)
        note(conn, author, "open-questionnaire", opened.person, opened.head)
    return _with_beginning(opened, principal)


def continue_questionnaire(
    service: Service,
    principal: Principal,
    *,
    person_id: str,
    questionnaire_id: str,
    version: str | None,
    aside: frozenset[str] = frozenset(),
    seen: tuple[str | None, int | None] = (None, None),
) -> OpenQuestionnaire:
    """What a page that was opened before goes on with; `version` is what it was made with.

    `seen` is the response and revision the page was opened with, which was audited then: whatever
    else is stored by now is looked at anew, and audited. Raises as `open_questionnaire`.
    """
    with service.store.read() as conn:
        opened = _opened(
            service, principal, conn, person_id, questionnaire_id, version=version, aside=aside
        )
    if opened.head is not None and (opened.head.response_id, opened.revision) != seen:
        author = Author.of(principal, clock.now())
        with service.store.write() as conn:
            note(conn, author, "open-questionnaire", opened.person, opened.head)
    return _with_beginning(opened, principal)


def started_from(
    service: Service, principal: Principal, opened: OpenQuestionnaire, revision: int
) -> Mapping[str, Any]:
    """An earlier revision of an opened draft, from which a page started; 0: how a new one begins.

    Empty when there is no such revision.
    """
    if opened.head is None or not revision:
        return opened.beginning or beginning_of(opened.form, opened.person, principal)
    with service.store.read() as conn:
        return stored_body(conn, opened.head, revision)


def saved_by(service: Service, opened: OpenQuestionnaire, revision: int) -> Revision | None:
    """A revision of an opened draft as it was kept, with who saved it; None when there is none."""
    head = opened.head
    if head is None:
        return None
    with service.store.read() as conn:
        return revisions.revision(conn, head.organisation_id, head.response_id, revision)


def open_result(
    service: Service, principal: Principal, *, person_id: str, response_id: str
) -> OpenQuestionnaire:
    """A finished response of a person, read with the version it was made with; audited.

    Raises NotFound: when there is none, when it is not finished or the template's own, and when the
    role must not know of its questionnaire. Raises Forbidden.
    """
    now = clock.now()
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        head = responses.head(conn, person.organisation_id, response_id)
        if head is None or head.person_id != person_id or head.status != COMPLETED:
            raise NotFound
        form = service.forms.find(_canonical(head))
        stored = stored_body(conn, head)
        if form.url == service.form.url or is_discarded(stored):
            raise NotFound
        must_know_of(service, form, principal)
        note(conn, Author.of(principal, now), "read-response", person, head)
    return OpenQuestionnaire(person, form, head, stored)


def newest_open(
    conn: Connection, person: Person, url: str, aside: frozenset[str] = frozenset()
) -> ResponseHead | None:
    """The person's newest response in progress to a questionnaire, but for those left `aside`."""
    if not aside:
        return responses.open_response(conn, person.organisation_id, person.person_id, url)
    heads = responses.responses_of(conn, person.organisation_id, person.person_id)
    mine = (head for head in heads if head.questionnaire_url == url)
    return next((h for h in mine if h.status == IN_PROGRESS and h.response_id not in aside), None)


def is_retired(conn: Connection, form: Form) -> bool:
    """Whether nothing new may be begun with this version of a questionnaire."""
    return questionnaires.is_retired(conn, Key(form.url, form.version or ""))


def _with_beginning(opened: OpenQuestionnaire, principal: Principal) -> OpenQuestionnaire:
    """Outside any transaction: the expressions of a questionnaire may take their time."""
    if opened.head is not None:
        return opened
    return replace(opened, beginning=beginning_of(opened.form, opened.person, principal))


def _opened(
    service: Service,
    principal: Principal,
    conn: Connection,
    person_id: str,
    questionnaire_id: str,
    *,
    version: str | None = None,
    aside: frozenset[str] = frozenset(),
) -> OpenQuestionnaire:
    person = scope.person(conn, principal, person_id)
    url = _url_of(service, questionnaire_id)
    head = newest_open(conn, person, url, aside)
    form = _form_to_open(service, url, head, version)
    must_know_of(service, form, principal)
    return OpenQuestionnaire(person, form, head, stored_body(conn, head), aside=aside)


def _url_of(service: Service, questionnaire_id: str) -> str:
    url = service.forms.listed_by_id(questionnaire_id).url
    if questionnaire_id == TEMPLATE_ID or url == service.form.url:
        raise NotFound("The template has a page of its own")
    return url


def _form_to_open(
    service: Service, url: str, head: ResponseHead | None, version: str | None
) -> Form:
    if head is not None:
        return service.forms.find(_canonical(head))
    return service.forms.find(url if version is None else f"{url}|{version}")


def _canonical(head: ResponseHead) -> str:
    return f"{head.questionnaire_url}|{head.questionnaire_version}"
