"""fhirpathpy as this service runs it: typed nodes, one context per evaluation, counted work.

fhirpathpy's public `compile` cannot be used as it is: it takes no variable before it is needed,
counts nothing, keeps today() and now() in a module that all threads share, and lets `$this` of an
inner expression leak into the outer one. So its functions and operators are called the way its own
evaluators call them (`do_eval`, `doInvoke`, `infix_invoke`), on a tree of our own node types that
are added to its table of evaluators. Tests fail when a release of fhirpathpy changes this seam.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from threading import Lock
from time import thread_time
from typing import Any

from template_service import clock
from template_service.questionnaire.expressions.evaluation import Typed, UnknownVariable, Variables
from template_service.questionnaire.expressions.functions import FUNCTIONS
from template_service.questionnaire.expressions.grammar import PREFIX, SHOWN, Node, StackFull, parse
from template_service.questionnaire.expressions.library import (
    R4,
    FP_DateTime,
    FP_Quantity,
    FP_Time,
    ResourceNode,
    TypeInfo,
    do_eval,
    do_invoke,
    evaluators,
    get_data,
    infix_invoke,
    invocation_registry,
    is_number,
)
from template_service.questionnaire.expressions.limits import Allowance, Work, too_costly
from template_service.questionnaire.expressions.navigation import member
from template_service.questionnaire.expressions.quantities import unit_of
from template_service.questionnaire.expressions.sdc import SDC_FUNCTIONS
from template_service.questionnaire.problems import QuestionnaireError
from template_service.questionnaire.units import UCUM

Context = dict[str, Any]

_FAILS = "This FHIRPath cannot be evaluated: {}"
_CACHED = 2048
_PARSING = Lock()
_DIGITS = 18
_CONSTANTS = {
    "ucum": UCUM,
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}
# FHIR R4, FHIRPath: %`vs-name` and %`ext-name`.
_NAMED = {
    "vs-": "http://hl7.org/fhir/ValueSet/",
    "ext-": "http://hl7.org/fhir/StructureDefinition/",
}
_MOMENTS = frozenset(("date", "dateTime", "instant", "time"))
_UNTYPED = frozenset(("Element", "BackboneElement"))
_TABLE = {**FUNCTIONS, **SDC_FUNCTIONS}
_FUNCTIONS = {**invocation_registry, **_TABLE}

# The model is the same in every context; fhirpathpy sets this only once `is` was used.
TypeInfo.model = R4


def nodes(
    expression: str,
    focus: Any,
    variables: Variables,
    allowance: Allowance | None = None,
) -> list[Any]:
    """See `evaluation.evaluate_nodes`."""
    with Work(allowance) as work:
        return _nodes(expression, focus, variables, work)


def _nodes(expression: str, focus: Any, variables: Variables, work: Work) -> list[Any]:
    tree = parsed(expression)
    root = wrapped(focus)
    context: Context = {
        "dataRoot": root,
        "vars": _Variables(variables, root, work),
        "model": R4,
        "userInvocationTable": _TABLE,
        "work": work,
        "now": clock.now().astimezone(clock.LOCAL),
        "$this": root,
        "$index": None,
        "$total": None,
    }
    try:
        found: list[Any] = do_eval(context, root, tree)
    except QuestionnaireError:
        raise
    except RecursionError:
        raise too_costly("it is nested too deeply") from None
    except Exception:  # noqa: BLE001 - whatever it raises
        # The library's words may hold what a person answered, so neither they nor the chain go on.
        raise QuestionnaireError(_FAILS.format(expression[:SHOWN])) from None
    return [node for node in found if not _is_primitive_extension(node)]


def parsed(expression: str) -> Node:
    """The tree of an expression, read once, and refused once. Raises QuestionnaireError."""
    found = _read(expression)
    if isinstance(found, QuestionnaireError):
        raise type(found)(found.message)
    return found


@lru_cache(maxsize=_CACHED)
def _read(expression: str) -> Node | QuestionnaireError:
    try:
        # All parsers of ANTLR share what they learn about the grammar, without a lock of its own.
        with _PARSING:
            return parse(expression, _FUNCTIONS)
    except StackFull:
        raise
    except QuestionnaireError as error:
        return type(error)(error.message)


class _Variables:
    """The variables as fhirpathpy asks for them; each is looked up when it is needed."""

    __slots__ = ("_given", "_root", "_work")

    def __init__(self, given: Variables, root: list[Any], work: Work) -> None:
        self._given = given
        self._root = root
        self._work = work

    def get(self, name: str) -> list[Any] | None:
        """The collection of a variable; None when there is none of that name."""
        before = thread_time()
        try:
            return wrapped(self._given[name])
        except KeyError:
            if name in ("context", "resource", "rootResource"):
                return self._root
        finally:
            self._work.set_back(thread_time() - before)
        if name in _CONSTANTS:
            return [_CONSTANTS[name]]
        prefix = next((prefix for prefix in _NAMED if name.startswith(prefix)), None)
        return None if prefix is None else [_NAMED[prefix] + name.removeprefix(prefix)]


def wrapped(value: Any) -> list[Any]:
    """A focus or a variable as a collection of nodes, in a list of its own."""
    if value is None:
        return []
    return [_node(each) for each in value] if isinstance(value, list) else [_node(value)]


def _node(value: Any) -> Any:
    if isinstance(value, Typed):
        return ResourceNode.create_node(value.data, value.path)
    return ResourceNode.create_node(value) if isinstance(value, dict) else value


def type_of(node: Any) -> str | None:
    """See `evaluation.typed`."""
    if isinstance(node, ResourceNode):
        path = node.path or ""
        is_resource = isinstance(node.data, dict) and "resourceType" in node.data
        named = path in _MOMENTS or (path[:1].isupper() and "." not in path)
        return path if named and not is_resource and path not in _UNTYPED else None
    if isinstance(node, FP_Quantity):
        return "Quantity"
    if isinstance(node, FP_Time):
        return "time"
    if isinstance(node, FP_DateTime):
        return "dateTime" if "T" in node.asStr else "date"
    return None


def plain(node: Any) -> Any:
    """A node as FHIR JSON."""
    value = node.data if isinstance(node, ResourceNode) else node
    if isinstance(value, Decimal):
        # A whole number of more digits would be none that JSON readers keep exactly.
        exact = value.is_finite() and value.adjusted() < _DIGITS
        whole = exact and value == value.to_integral_value()
        return int(value) if whole else float(value)
    if type(value) is int and not isinstance(node, ResourceNode):
        # What no float holds becomes infinite, as a Decimal does.
        return value if abs(value) < 10**_DIGITS else float(Decimal(value))
    if isinstance(value, FP_Quantity):
        return _quantity(value)
    # str() of these completes them with the present day.
    return value.asStr if isinstance(value, (FP_DateTime, FP_Time)) else value


def _quantity(quantity: Any) -> dict[str, Any]:
    unit = unit_of(quantity)
    return {"value": plain(quantity.value), "unit": unit, "system": UCUM, "code": unit}


def _is_primitive_extension(node: Any) -> bool:
    data = node.data if isinstance(node, ResourceNode) else node
    return isinstance(data, dict) and list(data) == ["extension"]


def _path(context: Context, focus: list[Any], node: Node) -> list[Any]:
    found = focus
    for step in node["steps"]:
        found = do_eval(context, found, step)
    return found


def _operators(context: Context, focus: list[Any], node: Node) -> list[Any]:
    found = do_eval(context, focus, node["first"])
    for sign, operand in node["rest"]:
        context["work"].charge(1)
        left = {"type": PREFIX + "Constant", "value": found}
        found = infix_invoke(context, sign, focus, [left, operand])
        context["work"].weigh(found)
    return found


def _function(context: Context, focus: list[Any], node: Node) -> list[Any]:
    """A call; what it made of $this, $index and $total ends with it."""
    work = context["work"]
    work.charge(1)
    outer = context["$this"], context["$index"], context["$total"]
    found: list[Any] = do_invoke(context, node["name"], focus, node["parameters"])
    context["$this"], context["$index"], context["$total"] = outer
    work.weigh(found)
    return found


def _member(context: Context, focus: list[Any], node: Node) -> list[Any]:
    work = context["work"]
    work.charge(len(focus) + 1)
    found = member(focus, node["name"])
    work.weigh_size(len(found))
    work.charge(len(found))
    return found


def _constant(_: Context, __: list[Any], node: Node) -> list[Any]:
    return list(node["value"])


def _variable(context: Context, _: list[Any], node: Node) -> list[Any]:
    found: list[Any] | None = context["vars"].get(node["name"])
    if found is None:
        raise UnknownVariable(node["name"])
    context["work"].charge(len(found))
    return found


def _polarity(context: Context, focus: list[Any], node: Node) -> list[Any]:
    found = do_eval(context, focus, node["operand"])
    if not found:
        return []
    value = get_data(found[0])
    if isinstance(value, FP_Quantity):
        return [FP_Quantity(-value.value, value.unit)] if node["sign"] == "-" else [value]
    if len(found) != 1 or not is_number(value):
        raise ValueError(node["sign"])
    return [-value] if node["sign"] == "-" else [value]


def _index(context: Context, focus: list[Any], node: Node) -> list[Any]:
    collection = do_eval(context, focus, node["of"])
    index = [get_data(each) for each in do_eval(context, focus, node["index"])]
    if not index:
        return []
    if len(index) > 1 or not isinstance(index[0], int):
        raise ValueError(index)
    return collection[index[0] : index[0] + 1] if index[0] >= 0 else []


_EVALUATORS: Mapping[str, Callable[[Context, list[Any], Node], list[Any]]] = {
    "Constant": _constant,
    "Function": _function,
    "Index": _index,
    "Member": _member,
    "Operators": _operators,
    "Path": _path,
    "Polarity": _polarity,
    "Variable": _variable,
}
evaluators.update({PREFIX + kind: evaluator for kind, evaluator in _EVALUATORS.items()})
