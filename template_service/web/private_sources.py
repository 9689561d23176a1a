"""Which response a card or an answer in the private notes belongs to, in words and by a link."""

from dataclasses import dataclass
from datetime import date

from flask import url_for

from template_service.actions.plans import OpenPlan, Said
from template_service.questionnaire.catalogue import Listed
from template_service.records.responses import IN_PROGRESS
from template_service.web.blueprint import service
from template_service.web.words import at_time


@dataclass(frozen=True, slots=True)
class Told:
    """A response: its questionnaire, when and by whom it was saved, and its page if it has one."""

    title: str
    saved: str
    href: str


def told(said: Said, plan: OpenPlan | None, today: date) -> Told:
    """A response in words. `plan` is the one that is open, for the newest template."""
    head = said.head
    word = "Finished" if said.is_finished else "Saved"
    saved = f"{word} {at_time(head.updated_at, today)} by {head.updated_by_name}"
    return Told(_title(said), saved, _href(said, plan))


def _title(said: Said) -> str:
    """What the questionnaire calls itself; of one that cannot be used, by the library."""
    if said.form is not None and said.form.title:
        return said.form.title
    titles = (each.title for each in _listed(said) if each.title)
    return next(titles, "A questionnaire")


def _href(said: Said, plan: OpenPlan | None) -> str:
    """The page where the rest of it stands: its result, its draft, or the plan."""
    head, person_id = said.head, said.head.person_id
    if said.form is None:
        return ""
    if said.form.url == service().form.url:
        is_newest = plan is not None and plan.head.response_id == head.response_id
        return url_for("web.plan", person_id=person_id) if is_newest else ""
    if said.is_finished:
        return url_for(
            "web.questionnaire_result", person_id=person_id, response_id=head.response_id
        )
    known = [each.id for each in _listed(said)]
    if head.status != IN_PROGRESS or not known:
        return ""
    return url_for("web.questionnaire", person_id=person_id, questionnaire_id=known[-1])


def _listed(said: Said) -> list[Listed]:
    """Every version of the questionnaire in the library, the newest last."""
    url = said.head.questionnaire_url
    return [each for each in service().forms.listed() if each.url == url]
