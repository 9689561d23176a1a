"""What the operations on questionnaires take and give: Parameters, or a resource alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from template_service.errors import Invalid, Issue

from .outcomes import Remark, outcome
from .parsing import MAX_DEPTH

_WHOLE: Final = "Parameters.parameter"
_WELL: Final = Remark("informational", "No problem found.", severity="information")
_TOO_DEEP: Final = f"What comes of it nests deeper than {MAX_DEPTH} levels."


@dataclass(frozen=True, slots=True)
class Given:
    """One parameter as it came; `place` is where, as an OperationOutcome names it."""

    name: str
    content: Mapping[str, Any]
    place: str

    def resource(self, *types: str) -> Mapping[str, Any] | None:
        """The resource it holds, if it is of one of the types; of any type where none is named."""
        found = self.content.get("resource")
        kind = found.get("resourceType") if isinstance(found, dict) else None
        if not isinstance(kind, str) or (types and kind not in types):
            return None
        resource: Mapping[str, Any] = self.content["resource"]
        return resource

    @property
    def resource_place(self) -> str:
        """Where its resource stands: at the parameter's place, or alone in the body."""
        return f"{self.place}.resource" if self.place.startswith(_WHOLE) else self.place

    def text(self, *kinds: str) -> str | None:
        """The value of the first of the kinds that is there and is text (`valueUri` …)."""
        values = (self.content.get(kind) for kind in kinds)
        return next((value for value in values if isinstance(value, str) and value), None)

    def element(self, kind: str) -> Mapping[str, Any] | None:
        """The value of a kind that is an object, such as `valueReference`."""
        value = self.content.get(kind)
        return value if isinstance(value, dict) else None

    def parts(self) -> tuple["Given", ...]:
        """The parts of it that have a name."""
        return tuple(_given(self.content.get("part"), f"{self.place}.part"))


@dataclass(frozen=True, slots=True)
class Input:
    """Everything an operation was given, by name."""

    given: tuple[Given, ...]

    def one(self, name: str) -> Given | None:
        """The parameter of a name, or None."""
        return next(iter(self.all(name)), None)

    def all(self, *names: str) -> tuple[Given, ...]:
        """The parameters of some names, in order."""
        return tuple(each for each in self.given if each.name in names)


def read_input(
    resource: Mapping[str, Any] | None,
    *,
    operation: str,
    once: Sequence[str],
    often: Sequence[str] = (),
    bare: str,
    root: str,
) -> Input:
    """What an operation is given; `once` and `often` are the parameters that it takes.

    Another resource than Parameters stands for the parameter `bare`, and its problems are placed in
    a `root`; None is a request without a body. Raises `Invalid` naming every parameter that is not
    one of the operation, and every one that is there twice and may not be.
    """
    if resource is None:
        return Input(())
    if resource.get("resourceType") != "Parameters":
        return Input((Given(bare, {"name": bare, "resource": resource}, root),))
    found = tuple(_given(resource.get("parameter"), _WHOLE))
    problems = [*_nameless(resource), *_misnamed(found, operation, once, often)]
    if problems:
        raise Invalid(problems=problems)
    return Input(found)


class NoParameters(Invalid):
    """The body of an operation is not what it takes."""

    status = 400


def refuse_other_bodies(resource: Mapping[str, Any] | None, *alone: str) -> None:
    """Raises `NoParameters` for a body that is neither Parameters nor of a type of `alone`."""
    kind = None if resource is None else resource.get("resourceType")
    if kind not in ("Parameters", *alone):
        sentence = f"The body must be {' or '.join(('Parameters', *alone))}."
        raise NoParameters(problems=[Remark("structure", sentence, expression="Parameters")])


def placed(problems: Iterable[Issue], places: Mapping[str, str]) -> list[Remark]:
    """Problems with their places as the request has them: `places` maps a root to where it is."""
    return [
        Remark(each.code, each.message, each.severity, _placed(each.expression, places))
        for each in problems
    ]


def refuse(code: str, sentence: str, place: str = "") -> Invalid:
    """The refusal of one thing."""
    return Invalid(problems=[Remark(code, sentence, expression=place)])


def told(issues: Iterable[Issue]) -> dict[str, Any]:
    """An OperationOutcome; FHIR R4 wants at least one issue in it, also when all is well."""
    return outcome(list(issues) or [_WELL])


def written(resource: Mapping[str, Any]) -> bytes:
    """A resource as JSON; raises `Invalid` where it became too deep to be written.

    It holds what was sent, inside Parameters: what came alone and just shallow enough is not.
    """
    try:
        return orjson.dumps(resource)
    except orjson.JSONEncodeError:
        raise refuse("too-costly", _TOO_DEEP) from None


def parameters(**parts: Mapping[str, Any] | None) -> bytes:
    """Parameters with a resource for each name that has one, in order, as JSON."""
    given = [{"name": name, "resource": part} for name, part in parts.items() if part is not None]
    return written({"resourceType": "Parameters", "parameter": given})


def _placed(expression: str, places: Mapping[str, str]) -> str:
    root, dot, rest = expression.partition(".")
    return f"{places.get(root, root)}{dot}{rest}"


def _given(parameters: Any, place: str) -> Iterable[Given]:
    for index, each in enumerate(parameters if isinstance(parameters, list) else ()):
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            yield Given(each["name"], each, f"{place}[{index}]")


def _nameless(resource: Mapping[str, Any]) -> Iterable[Remark]:
    parameters = resource.get("parameter", [])
    if not isinstance(parameters, list):
        yield Remark("structure", "parameter must be a list.", expression=_WHOLE)
        return
    for index, each in enumerate(parameters):
        if not (isinstance(each, dict) and isinstance(each.get("name"), str)):
            place = f"{_WHOLE}[{index}]"
            yield Remark(
                "structure", "A parameter must be an object with a name.", expression=place
            )


def _misnamed(
    found: Iterable[Given], operation: str, once: Sequence[str], often: Sequence[str]
) -> Iterable[Remark]:
    met: set[str] = set()
    for each in found:
        if each.name not in once and each.name not in often:
            sentence = f"This is not a parameter of ${operation} here."
            yield Remark("not-supported", sentence, expression=each.place)
        elif each.name in met and each.name not in often:
            sentence = f"The parameter '{each.name}' is given twice."
            yield Remark("duplicate", sentence, expression=each.place)
        met.add(each.name)
