"""Which questionnaire an operation is about: sent along, contained in a response, or kept here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from template_service.errors import Invalid, NotFound
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import QuestionnaireError
from template_service.service import Service

from .operation_parameters import Given, Input, placed, refuse

_KIND: Final = "Questionnaire"
_UNKNOWN: Final = "This questionnaire, or this version of it, is not in the library."
_UNNAMED: Final = "The response must name its questionnaire, as url|version."
# The parameters of SDC, of versions 3 and 4, that name a questionnaire.
BY: Final = ("questionnaire", "canonical", "questionnaireRef", "identifier")
_NOT_OF_ITS_TYPE: Final = "The parameter '{}' is not of its type."


class Asked(NamedTuple):
    """A questionnaire and where its problems stand: in the request, or `Questionnaire` itself.

    `form` is there for one of the library.
    """

    resource: Mapping[str, Any]
    place: str = _KIND
    form: Form | None = None

    def compiled(self) -> Form:
        """Its form; raises `Invalid` with every problem at its place."""
        if self.form is not None:
            return self.form
        try:
            return compile_questionnaire(self.resource)
        except QuestionnaireError as refusal:
            raise Invalid(problems=placed(refusal.problems, {_KIND: self.place})) from None


def of_response(
    service: Service, response: Mapping[str, Any], place: str, given: Given | None
) -> Asked:
    """The questionnaire of a response: the parameter, else one that it contains, else the library.

    Raises `Invalid` where the parameter is none, or the response names none that is to hand.
    """
    if given is not None:
        resource = given.resource(_KIND)
        if resource is None:
            raise _wrong(given)
        return Asked(resource, given.resource_place)
    canonical = response.get("questionnaire")
    if not isinstance(canonical, str) or not canonical:
        raise refuse("required", _UNNAMED, f"{place}.questionnaire")
    for at, contained in _contained(response):
        if canonical == f"#{contained.get('id')}" or canonical in _names(contained):
            return Asked(contained, f"{place}.contained[{at}]")
    return kept(service, canonical, f"{place}.questionnaire")


def as_named(response: Mapping[str, Any], form: Form) -> Mapping[str, Any]:
    """A response to judge by its form: one that names what it contains (`#id`) names it rightly."""
    if str(response.get("questionnaire")).startswith("#"):
        return {**response, "questionnaire": form.canonical}
    return response


def asked_for(
    service: Service, asked: Input, questionnaire_id: str | None, of: Sequence[str] = BY
) -> Asked:
    """The questionnaire of an operation on one: that of the address, else of its parameters.

    `of` are the parameters that may name it. Raises `NotFound` for an address that leads to none,
    and `Invalid` unless the parameters name exactly one that is to hand.
    """
    if questionnaire_id is not None:
        form = service.forms.by_id(questionnaire_id)
        return Asked(form.resource, form=form)
    given = asked.all(*of)
    if len(given) != 1:
        sentence = f"Name one questionnaire: {' or '.join(of)}."
        place = given[1].place if given else "Parameters.parameter"
        raise refuse("duplicate" if given else "required", sentence, place)
    return _READERS[given[0].name](service, given[0])


def _by_questionnaire(service: Service, given: Given) -> Asked:
    """SDC 4 takes a canonical, a reference or the resource; SDC 3 the resource only."""
    resource = given.resource(_KIND)
    if resource is not None:
        return Asked(resource, given.resource_place)
    if given.element("valueReference") is not None:
        return _by_reference(service, given)
    return _by_canonical(service, given)


def _by_canonical(service: Service, given: Given) -> Asked:
    canonical = given.text("valueUri", "valueCanonical", "valueUrl", "valueString")
    if canonical is None:
        raise _wrong(given)
    return kept(service, canonical, given.place)


def _by_reference(service: Service, given: Given) -> Asked:
    """A reference to a Questionnaire of this server, relative to it."""
    reference = (given.element("valueReference") or {}).get("reference")
    kind, _, questionnaire_id = str(reference).rpartition("/")
    if kind != _KIND:
        raise refuse(
            "value", "The reference must be Questionnaire/id, relative to this server.", given.place
        )
    try:
        form = service.forms.by_id(questionnaire_id)
    except NotFound:
        raise refuse("not-found", _UNKNOWN, given.place) from None
    return Asked(form.resource, form=form)


def _by_identifier(service: Service, given: Given) -> Asked:
    """The newest questionnaire that carries an identifier."""
    wanted = given.element("valueIdentifier")
    if wanted is None or not isinstance(wanted.get("value"), str):
        raise _wrong(given)
    for form in _usable(service):
        for each in _list(form.resource.get("identifier")):
            if isinstance(each, dict) and _pair(each) == _pair(wanted):
                return Asked(form.resource, form=form)
    raise refuse("not-found", _UNKNOWN, given.place)


def _usable(service: Service) -> Iterator[Form]:
    """Every form of the library that may be begun, of each url the newest first."""
    for listed in reversed(service.forms.listed()):
        if not listed.retired:
            # One that was added to an older version may not be usable in this one.
            with suppress(QuestionnaireError):
                yield service.forms.by_id(listed.id)


def kept(service: Service, canonical: str, place: str) -> Asked:
    """One of the library, by its canonical; raises `Invalid` where it is not there."""
    try:
        form = service.forms.find(canonical)
    except NotFound:
        raise refuse("not-found", _UNKNOWN, place) from None
    return Asked(form.resource, form=form)


def _contained(response: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for index, each in enumerate(_list(response.get("contained"))):
        if isinstance(each, dict) and each.get("resourceType") == _KIND:
            yield index, each


def _names(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """What a questionnaire may be called: its url, alone and with its version."""
    url, version = resource.get("url"), resource.get("version")
    if not isinstance(url, str) or not url:
        return ()
    return (url, f"{url}|{version}") if isinstance(version, str) else (url,)


def _pair(identifier: Mapping[str, Any]) -> tuple[Any, Any]:
    return identifier.get("system"), identifier.get("value")


def _wrong(given: Given) -> Invalid:
    return refuse("value", _NOT_OF_ITS_TYPE.format(given.name), given.place)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_READERS: Final[Mapping[str, Callable[[Service, Given], Asked]]] = {
    "questionnaire": _by_questionnaire,
    "canonical": _by_canonical,
    "questionnaireRef": _by_reference,
    "identifier": _by_identifier,
}
