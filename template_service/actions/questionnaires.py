"""A questionnaire of the library for a person: opened, kept as a draft, finished, looked at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal
from template_service.actions.evaluation import evaluate_to_save
from template_service.actions.meanwhile import FinishedMeanwhile, base_revision_of
from template_service.actions.questionnaire_library import must_know_of
from template_service.actions.questionnaire_working import (
    environment_of,
    settled,
    with_masked,
    without_names,
)
from template_service.actions.saving import Author, save
from template_service.actions.stored import open_cards
from template_service.errors import Conflict, Invalid, NotFound
from template_service.questionnaire.answers import disclosures, read_answers
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.validation import validate
from template_service.records import audit, questionnaires, responses, revisions
from template_service.records.people import Person
from template_service.records.questionnaires import Key
from template_service.records.responses import (
    COMPLETED,
    IN_PROGRESS,
    ResponseHead,
    RevisionConflict,
)
from template_service.records.revisions import Saved
from template_service.service import TEMPLATE_ID, Service


class Retired(Conflict):
    """A questionnaire, or this version of it, that nothing new is begun with; nothing was stored.

    As when one is received, an answer that discloses something urgent is kept all the same.
    """

    slug = "retired"
    title = "This questionnaire is retired: nothing new can be begun with it"


class Unfinished(Invalid):
    """A response that cannot be finished yet; it was kept as a draft, whole: `head`.

    `response` is what `found` names the places of.
    """

    def __init__(
        self, found: tuple[Problem, ...], response: Mapping[str, Any], head: ResponseHead
    ) -> None:
        super().__init__(problems=found)
        self.found = found
        self.response = response
        self.head = head


@dataclass(frozen=True, slots=True)
class OpenQuestionnaire:
    """A questionnaire as it stands for a person. `head` is None before the first save.

    `response` is what is stored in its newest revision, empty before the first. Safety answers are
    in it: the face decides what may be shown.
    """

    person: Person
    form: Form
    head: ResponseHead | None
    response: Mapping[str, Any] = field(repr=False)

    @property
    def revision(self) -> int:
        """The revision the page starts from."""
        return 0 if self.head is None else self.head.revision


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished response; `dropped`: answers were left out whose questions do not apply."""

    response_id: str
    dropped: bool


def open_questionnaire(
    service: Service, principal: Principal, *, person_id: str, questionnaire_id: str
) -> OpenQuestionnaire:
    """A person's response in progress to a questionnaire, or an empty one; the look is audited.

    A draft is read with the version it was made with, a new one begins with the newest. Raises
    NotFound (also when the role must not know of it), Forbidden, and Retired when it would begin
    one that is retired.
    """
    now = clock.now()
    with service.store.write() as conn:
        opened = _opened(service, principal, conn, person_id, questionnaire_id)
        if opened.head is None and _is_retired(conn, opened.form):
            raise Retired
        author = Author.of(principal, now)
        _audit(conn, author, "open-questionnaire", opened.person, opened.head)
    return opened


def continue_questionnaire(
    service: Service,
    principal: Principal,
    *,
    person_id: str,
    questionnaire_id: str,
    version: str | None,
) -> OpenQuestionnaire:
    """What a page that was opened before goes on with; `version` is what it was made with.

    Raises as `open_questionnaire`; nothing is audited, because nothing new is shown.
    """
    with service.store.read() as conn:
        return _opened(service, principal, conn, person_id, questionnaire_id, version=version)


def stored_revision(
    service: Service, opened: OpenQuestionnaire, revision: int
) -> Mapping[str, Any]:
    """An earlier revision of an opened draft, from which a page started; empty when none."""
    if opened.head is None or not revision:
        return {}
    with service.store.read() as conn:
        return _stored(conn, opened.head, revision)


def save_draft(
    service: Service,
    principal: Principal,
    *,
    opened: OpenQuestionnaire,
    response: Mapping[str, Any],
    base_revision: int,
    base_response_id: str | None,
) -> Saved:
    """Keep what was answered so far, whole: also what is hidden now, and without a check.

    The element ids by which a face finds items again (`web.questionnaire_reading`) are not kept.

    `base_revision` and `base_response_id` say what the page started from. Raises RevisionConflict
    when a colleague saved since, FinishedMeanwhile when they finished it; nothing is stored then.
    """
    body = _body(opened, response, IN_PROGRESS)
    base = (base_response_id, base_revision)
    return _keep(service, principal, opened, body, status=IN_PROGRESS, base=base)


def finish_questionnaire(
    service: Service,
    principal: Principal,
    *,
    opened: OpenQuestionnaire,
    response: Mapping[str, Any],
    base_revision: int,
    base_response_id: str | None,
    not_asked: Collection[str] = (),
    token: str | None = None,
) -> Finished:
    """Close a response: worked out, without answers that do not apply, checked, then kept.

    `token` is what one page that began a response sends each time: sent twice, it is finished once.
    Raises Unfinished with every problem: it is a draft then, so that what was disclosed is acted
    on. Raises as `save_draft`; nothing is stored then.

    What is required of the items `not_asked` does not keep it open: nobody could be asked that.
    """
    base = (base_response_id, base_revision)
    done = settled(opened.form, _body(opened, response, COMPLETED), opened.person)
    checked = validate(opened.form, done.response, environment_of(opened.person))
    errors = tuple(
        each
        for each in checked.errors
        if not (each.code == "required" and each.link_id in not_asked)
    )
    if errors:
        draft = _body(opened, response, IN_PROGRESS)
        saved = _keep(service, principal, opened, draft, status=IN_PROGRESS, base=base)
        raise Unfinished(errors, done.response, saved.head)
    key = None if token is None else _key(opened, token)
    body = with_masked(opened.form, _body(opened, response, COMPLETED), done.response)
    saved = _keep(service, principal, opened, body, status=COMPLETED, base=base, key=key)
    return Finished(saved.head.response_id, done.dropped)


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
        if form.url == service.form.url:
            raise NotFound
        must_know_of(service, form, principal)
        stored = _stored(conn, head)
        _audit(conn, Author.of(principal, now), "read-response", person, head)
    return OpenQuestionnaire(person, form, head, stored)


def _opened(
    service: Service,
    principal: Principal,
    conn: Connection,
    person_id: str,
    questionnaire_id: str,
    *,
    version: str | None = None,
) -> OpenQuestionnaire:
    person = scope.person(conn, principal, person_id)
    url = _url_of(service, questionnaire_id)
    head = responses.open_response(conn, person.organisation_id, person_id, url)
    form = _form_to_open(service, url, head, version)
    must_know_of(service, form, principal)
    return OpenQuestionnaire(person, form, head, _stored(conn, head))


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


def _stored(
    conn: Connection, head: ResponseHead | None, revision: int | None = None
) -> Mapping[str, Any]:
    if head is None:
        return {}
    kept = revisions.revision(
        conn, head.organisation_id, head.response_id, revision or head.revision
    )
    found: Any = {} if kept is None else orjson.loads(kept.body)
    return found if isinstance(found, dict) else {}


def _body(opened: OpenQuestionnaire, response: Mapping[str, Any], status: str) -> dict[str, Any]:
    """The response whole; what another system wrote about it before stays."""
    items = response.get("item")
    return {
        **{key: value for key, value in opened.response.items() if key not in ("item", "meta")},
        "resourceType": "QuestionnaireResponse",
        "questionnaire": opened.form.canonical,
        "status": status,
        "subject": {"reference": f"Patient/{opened.person.person_id}"},
        "authored": clock.now().isoformat(),
        **({"item": items} if items else {}),
    }


def _keep(
    service: Service,
    principal: Principal,
    opened: OpenQuestionnaire,
    body: Mapping[str, Any],
    *,
    status: str,
    base: tuple[str | None, int],
    key: str | None = None,
) -> Saved:
    """One transaction: the revision with its states, cards, plan and audit, or none of it."""
    now = clock.now()
    form = opened.form
    answers, _ = read_answers(form, body)
    with service.store.write() as conn:
        person = scope.person(conn, principal, opened.person.person_id)
        head = responses.open_response(conn, person.organisation_id, person.person_id, form.url)
        started_from = base_revision_of(conn, person, head, *base)
        if head is None and key is not None:
            made = _made_before(conn, person, key, body)
            if made is not None:
                return made
        if head is None and _is_retired(conn, form) and not _discloses(answers):
            raise Retired
        if head is not None and head.revision != started_from:
            raise RevisionConflict(head)
        author = Author.of(principal, now)
        saved = save(
            conn,
            author,
            form=form,
            person=person,
            head=head,
            body=orjson.dumps(without_names(body)),
            status=status,
            evaluation=evaluate_to_save(
                service,
                conn,
                form=form,
                person=person,
                answers=answers,
                now=now,
                open_cards=open_cards(conn, person),
            ),
            idempotency_key=key if head is None else None,
        )
        if status == COMPLETED and not saved.repeated:
            _audit(conn, author, "finish-questionnaire", person, saved.head)
    return saved


def _key(opened: OpenQuestionnaire, token: str) -> str:
    """The idempotency key of one page: of this person and questionnaire only."""
    named = f"finish\n{opened.person.person_id}\n{opened.form.url}\n{token}"
    return sha256(named.encode()).hexdigest()


def _made_before(
    conn: Connection, person: Person, key: str, body: Mapping[str, Any]
) -> Saved | None:
    """What this page finished before; raises FinishedMeanwhile when it says something else now."""
    made = revisions.by_idempotency_key(conn, person.organisation_id, key)
    if made is None:
        return None
    if _stored(conn, made.head, made.revision).get("item") != without_names(body).get("item"):
        raise FinishedMeanwhile(made.head)
    return made


def _is_retired(conn: Connection, form: Form) -> bool:
    return questionnaires.is_retired(conn, Key(form.url, form.version or ""))


def _discloses(answers: Answers) -> bool:
    return any(disclosures(given) for given in answers.values())


def _audit(
    conn: Connection, author: Author, action: str, person: Person, head: ResponseHead | None
) -> None:
    entities = {"person": person.person_id}
    if head is not None:
        entities["response"] = head.response_id
    audit.append(
        conn,
        person.organisation_id,
        actor=author.actor,
        action=action,
        at=author.at,
        entities=entities,
    )
