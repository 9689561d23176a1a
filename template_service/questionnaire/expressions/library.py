"""fhirpathpy as far as it is used here, with types: where to look first when it is upgraded."""

from collections.abc import Callable, Mapping
from typing import Any

from fhirpathpy import engine
from fhirpathpy.engine import evaluators as _evaluators  # type: ignore[attr-defined]
from fhirpathpy.engine import invocations, nodes, util
from fhirpathpy.engine.invocations import equality as _equality
from fhirpathpy.engine.invocations import math as _math
from fhirpathpy.engine.invocations import misc as _misc
from fhirpathpy.models import models

Context = dict[str, Any]
Tree = dict[str, Any]

do_eval: Callable[[Context, list[Any], Tree], list[Any]] = engine.do_eval
do_invoke: Callable[[Context, str, list[Any], list[Tree] | None], list[Any]] = engine.doInvoke
infix_invoke: Callable[[Context, str, list[Any], list[Tree]], list[Any]] = engine.infix_invoke
evaluators: dict[str, Any] = _evaluators
invocation_registry: Mapping[str, Any] = invocations.invocation_registry

FP_DateTime: Any = nodes.FP_DateTime
FP_Quantity: Any = nodes.FP_Quantity
FP_Time: Any = nodes.FP_Time
ResourceNode: Any = nodes.ResourceNode
TypeInfo: Any = nodes.TypeInfo

get_data: Callable[[Any], Any] = util.get_data
is_number: Callable[[Any], bool] = util.is_number

equality: Any = _equality
math: Any = _math
misc: Any = _misc

R4: Mapping[str, Mapping[str, Any]] = models["r4"]
