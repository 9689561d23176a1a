"""Answers set aside by a save, named on the next page: never silently (rules.md, rule 4a)."""

from collections.abc import Iterable

from flask import session

from template_service.questionnaire.form import Form

_KEY = "set-aside"


def remember_set_aside(form: Form, link_ids: Iterable[str]) -> None:
    """Keep the linkIds (never the answers, never of safety) until the next page has named them."""
    named = [link_id for link_id in link_ids if not form.items[link_id].masked]
    if named:
        session[_KEY] = named


def set_aside_notice(form: Form) -> str:
    """What the last save set aside, by the questions' own words; empty when nothing was."""
    link_ids = session.pop(_KEY, ())
    texts = [f"“{form.items[link_id].text}”" for link_id in link_ids if link_id in form.items]
    if not texts:
        return ""
    return (
        "Set aside, because the answer that opened them has changed: "
        f"{', '.join(texts)} Earlier versions of the template keep these answers."
    )
