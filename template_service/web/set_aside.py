"""Answers set aside by a save, named on the next page: never silently (rules.md, rule 4a)."""

from flask import session

from template_service.questionnaire.form import Answers, Form
from template_service.web.answers_form import is_private
from template_service.web.form_words import form_words
from template_service.web.speech import gettext as _
from template_service.web.speech import joined

_KEY = "set-aside"


def remember_set_aside(form: Form, person_id: str, dropped: Answers, stored: Answers) -> None:
    """Keep the linkIds of `dropped` until the next page of this person has named them.

    Never the answers, and never a linkId whose answer is private. `stored` are the answers of the
    version before: what is not among them was typed on this page and is in no version.
    """
    named = [
        link_id
        for link_id, values in dropped.items()
        if not form.items[link_id].masked and not any(map(is_private, values))
    ]
    if named:
        kept = [link_id for link_id in named if dropped[link_id] == stored.get(link_id)]
        new = [link_id for link_id in named if link_id not in kept]
        session[_KEY] = {"person": person_id, "kept": kept, "new": new}


def set_aside_notices(form: Form, person_id: str) -> tuple[str, ...]:
    """What this person's last save set aside, by the questions' own words; told once."""
    if session.get(_KEY, {}).get("person") != person_id:
        return ()
    told = session.pop(_KEY)
    kept, new = _texts(form, told["kept"]), _texts(form, told["new"])
    notices = (
        _(
            "Set aside, because the answer that opened them has changed: %(questions)s "
            "Earlier versions of the template keep these answers.",
            questions=kept,
        ),
        _(
            "Not saved, because no answer on the page opens these questions: %(questions)s",
            questions=new,
        ),
    )
    return tuple(notice for notice, texts in zip(notices, (kept, new), strict=True) if texts)


def _texts(form: Form, link_ids: list[str]) -> str:
    words = form_words(form)
    return joined(
        ", ",
        (
            _("“%(text)s”", text=words(form.items[link_id].text, link_id))
            for link_id in link_ids
            if link_id in form.items
        ),
    )
