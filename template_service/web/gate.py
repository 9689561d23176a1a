"""The safety gate of a template page (rules.md, rules 6 and 9): when questions of safety show."""

from dataclasses import dataclass
from datetime import date

from template_service.access.principal import Principal
from template_service.questionnaire.form import (
    INFORMAL_INTERPRETER,
    INTERPRETER,
    SEEN_ALONE,
    Answers,
    Form,
)
from template_service.records.people import Person
from template_service.web.speech import mark

# linkId, answer and card of the contract between a template and the pages.
WHO, PATIENT, SUICIDAL = "who", "patient", "suicidal"
ADULT, YOUNG = "adult", "young"
# Below this age safety and suicide are asked only of the young person alone (rules.md, rule 9).
YOUNG_UNDER = 16
YOUNG_TEXT = mark(
    "Under 16: some questions appear only when the young person answers and is seen alone, "
    "without family or a friend interpreting."
)


@dataclass(frozen=True, slots=True)
class Gate:
    """Who is at the page: a role that `sees_safety` or not, and a person under 16 or not."""

    sees_safety: bool
    young: bool

    @property
    def name(self) -> str:
        """`adult` or `young`, as the style sheet of the template asks for it."""
        return YOUNG if self.young else ADULT

    def is_alone(self, answers: Answers) -> bool:
        """Whether a visit with these answers is one in which safety may be talked about."""
        return (
            answers.get(SEEN_ALONE) == (True,)
            and _code(answers, INTERPRETER) != INFORMAL_INTERPRETER
            and (not self.young or _code(answers, WHO) == PATIENT)
        )

    def is_open(self, answers: Answers) -> bool:
        """Whether a page with these answers shows the questions of safety."""
        return self.sees_safety and self.is_alone(answers)

    def hidden_cards(self, form: Form, answers: Answers) -> frozenset[str]:
        """Cards that are not masked, yet must not be on a young person's screen now."""
        if not self.young or self.is_alone(answers):
            return frozenset()
        return frozenset({SUICIDAL} & form.cards.keys())


def gate_for(who: Principal, person: Person, today: date) -> Gate:
    """The gate of a person's page for somebody signed in; an age nobody knows is an adult's."""
    age = person.age_on(today)
    return Gate(sees_safety=who.sees_safety, young=age is not None and age < YOUNG_UNDER)


def _code(answers: Answers, link_id: str) -> str:
    return next((str(getattr(value, "code", "")) for value in answers.get(link_id, ())), "")
