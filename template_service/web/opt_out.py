"""Statistics on the plan: whether a person objects to their answers being used, and the form."""

from dataclasses import dataclass
from datetime import date

from flask import request

from template_service.access.policy import PRACTICE
from template_service.access.principal import Principal
from template_service.actions.people import record_opt_out
from template_service.errors import Malformed
from template_service.records.people import Person
from template_service.web.blueprint import notify, service
from template_service.web.speech import gettext as _
from template_service.web.words import at_time

# What the person wants from now on, as the form sends it.
OBJECTS, AGREES = "objects", "agrees"


@dataclass(frozen=True, slots=True)
class OptOutView:
    """What is recorded, and the sentence that staff confirm to change it."""

    summary: str
    text: str
    confirmation: str
    choice: str
    button: str


def opt_out_view(person: Person, who: Principal, today: date) -> OptOutView | None:
    """The choice of a person, for staff of their practice; None for anybody else."""
    if who.role not in PRACTICE:
        return None
    if person.opted_out_at is None:
        return OptOutView(
            summary=_("Statistics: answers are counted"),
            text=_(
                "Answers are counted without names, to see where help is missing. A person may "
                "object. Their care and this plan stay as they are."
            ),
            confirmation=_(
                "They told me that they object to their answers being used in statistics"
            ),
            choice=OBJECTS,
            button=_("Record that they object"),
        )
    return OptOutView(
        summary=_("Statistics: answers are left out"),
        text=_(
            "They objected %(when)s. Nothing counts their answers since then; figures made before "
            "cannot be taken apart again.",
            when=at_time(person.opted_out_at, today),
        ),
        confirmation=_("They told me that their answers may be used in statistics again"),
        choice=AGREES,
        button=_("Take the objection back"),
    )


def record_choice(who: Principal, person_id: str) -> None:
    """Record what the form says; raises Invalid without the confirmation, Malformed for no form."""
    choice = request.form.get("statistics")
    if choice not in (OBJECTS, AGREES):
        raise Malformed("The form does not say what to record")
    record_opt_out(
        service(),
        who,
        person_id=person_id,
        opted_out=choice == OBJECTS,
        confirmed=request.form.get("confirmed") == "yes",
    )
    # A notice travels in a cookie, so it does not say what the choice was.
    notify(_("The choice about statistics is recorded."))
