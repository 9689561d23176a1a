"""`Questionnaire/$populate` (SDC): a draft with what is already known; keeps nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from template_service import clock
from template_service.errors import Invalid
from template_service.questionnaire.form import Form
from template_service.questionnaire.population.populate import populate
from template_service.service import Service

from .operation_parameters import (
    Given,
    Input,
    parameters,
    placed,
    read_input,
    refuse,
    refuse_other_bodies,
    told,
)
from .operation_questionnaire import BY, Asked, asked_for
from .outcomes import Remark

_KIND: Final = "Questionnaire"
# SDC before version 3 calls a context `launchContext`.
_CONTEXTS: Final = ("context", "launchContext")
# Parameters of SDC about what a server fetches itself: this one reads what it is sent only.
_PASSED_OVER: Final = ("local", "data", "dataEndpoint", "content")
_NOT_ACTED_ON: Final = "The parameter '{}' is not acted on here: send what is known as 'context'."
_NO_NAME: Final = "A context needs one 'name', which is text."
_NO_CONTENT: Final = "A context needs 'content', which is a resource."
_NOT_FOLLOWED: Final = "A reference is not followed; send the resource itself."
_NO_SUBJECT: Final = "The parameter 'subject' must be a reference."
_RETIRED: Final = "This version of the questionnaire is retired: no new response to it is taken."


def populate_questionnaire(
    service: Service, resource: Mapping[str, Any] | None, questionnaire_id: str | None = None
) -> bytes:
    """Parameters with a QuestionnaireResponse (`response`) and remarks (`issues`), as JSON.

    The questionnaire is that of the address, else the one that the parameters name; what is known
    comes as `context` (name and content). `issues` says what could not be filled in, and why.
    Raises `NotFound` for the address, `NoParameters` for another body, and `Invalid` for parameters
    or a questionnaire that cannot be used.
    """
    # Anything else would be passed over in silence, and nothing be filled in.
    refuse_other_bodies(resource, *(() if questionnaire_id else (_KIND,)))
    asked = read_input(
        resource,
        operation="populate",
        once=(*BY, "subject", *_PASSED_OVER),
        often=_CONTEXTS,
        bare="questionnaire",
        root=_KIND,
    )
    remarks: list[Remark] = [*_passed_over(asked)]
    context = _context(asked, remarks)
    subject = _subject(asked)
    wanted = asked_for(service, asked, questionnaire_id)
    form = wanted.compiled()
    remarks += _retirement(service, wanted, form)
    filled = populate(form, context, subject=subject, authored=clock.now().replace(microsecond=0))
    remarks += placed(filled.problems, {_KIND: wanted.place})
    return parameters(response=filled.response, issues=told(remarks) if remarks else None)


def _context(asked: Input, remarks: list[Remark]) -> dict[str, Any]:
    """The contexts by name: one resource as it is, several as a list; raises `Invalid`."""
    found: dict[str, list[Any]] = {}
    problems: list[Remark] = []
    for given in asked.all(*_CONTEXTS):
        names = [
            part.text("valueString", "valueCode") for part in given.parts() if part.name == "name"
        ]
        contents = [part for part in given.parts() if part.name == "content"]
        resources = [each for part in contents if (each := part.resource()) is not None]
        if len(names) != 1 or names[0] is None:
            problems.append(Remark("required", _NO_NAME, expression=given.place))
        elif not contents or len(resources) + len(_references(contents)) != len(contents):
            problems.append(Remark("required", _NO_CONTENT, expression=given.place))
        else:
            found.setdefault(names[0], []).extend(resources)
        remarks += [
            Remark("not-supported", _NOT_FOLLOWED, "warning", part.place)
            for part in _references(contents)
        ]
    if problems:
        raise Invalid(problems=problems)
    return {name: each[0] if len(each) == 1 else each for name, each in found.items() if each}


def _references(contents: list[Given]) -> list[Given]:
    return [part for part in contents if part.element("valueReference") is not None]


def _subject(asked: Input) -> Mapping[str, Any] | None:
    """The reference that becomes the subject of the response; raises `Invalid`."""
    given = asked.one("subject")
    if given is None:
        return None
    subject = given.element("valueReference")
    named = subject and (_reference(subject) or isinstance(subject.get("identifier"), dict))
    if not named:
        raise refuse("value", _NO_SUBJECT, given.place)
    return subject


def _reference(subject: Mapping[str, Any] | None) -> str | None:
    reference = (subject or {}).get("reference")
    return reference if isinstance(reference, str) and reference else None


def _passed_over(asked: Input) -> Iterator[Remark]:
    for given in asked.all(*_PASSED_OVER):
        yield Remark("not-supported", _NOT_ACTED_ON.format(given.name), "information", given.place)


def _retirement(service: Service, wanted: Asked, form: Form) -> Iterator[Remark]:
    """A warning where a response to the questionnaire could not be handed in."""
    if wanted.form is not None and service.forms.listed_by_id(form.id).retired:
        yield Remark("business-rule", _RETIRED, "warning")
