"""What closures see of a scope: the index of its response, and plain values of its variables."""

from contextlib import suppress
from decimal import Decimal
from time import thread_time
from typing import TYPE_CHECKING, Any

from template_service.questionnaire.expressions.closures import Part, run
from template_service.questionnaire.expressions.evaluation import RESPONSE_ITEM, Typed
from template_service.questionnaire.expressions.index import Index
from template_service.questionnaire.expressions.limits import TooCostly
from template_service.questionnaire.expressions.operators import NotSure, Values
from template_service.questionnaire.expressions.quick import compile_quick
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import QuestionnaireError

if TYPE_CHECKING:
    from template_service.questionnaire.expressions.scope import Scope

_SCALARS = frozenset((str, int, float, bool, Decimal))


class Sight:
    """One scope as `quick` asks for it (closures.Surroundings)."""

    __slots__ = ("_busy", "_found", "_scope", "form", "index", "steps", "total")

    def __init__(self, scope: "Scope", form: Form, index: Index) -> None:
        self._scope = scope
        self._found: dict[str, Values | None] = {}
        self._busy: set[str] = set()
        self.form = form
        self.index = index
        self.steps = 0
        self.total: Values = []

    def evaluate(self, expression: str) -> Values | None:
        """What an expression gives, as plain FHIR JSON; None when the library must say."""
        part = compile_quick(expression)
        if part is None:
            return None
        try:
            return [_json(each) for each in self._ran(part)]
        except NotSure:
            return None

    def _ran(self, part: Part) -> Values:
        """What a closure gives here, in the time there is."""
        shared = self._scope.shared
        left, started = shared.seconds, thread_time()
        # Whose time is up is refused by the library.
        if left <= 0:
            raise NotSure
        try:
            return run(part, self, self._focus())
        finally:
            shared.took(left, started)

    def variable(self, name: str) -> Values:
        """The plain values of %name. Raises NotSure for what only the library can tell."""
        owner = self._scope.owner(name)
        return self.own(name, None) if owner is None else owner.sight.own(name, owner)

    def own(self, name: str, owner: "Scope | None") -> Values:
        """The same of a variable that this scope (`owner`) defines, or none; evaluated once."""
        if name not in self._found:
            for each in (name,) if owner is None else owner.in_order(name, self._found):
                self._found[each] = self._evaluated(each, owner)
        found = self._found[name]
        if found is None:
            raise NotSure
        return found

    def _evaluated(self, name: str, owner: "Scope | None") -> Values | None:
        """The values of one variable; None when only the library can tell."""
        expression = None if owner is None else owner.definition(name)
        part = None if expression is None else compile_quick(expression)
        try:
            if part is not None and name not in self._busy:
                self._busy.add(name)
                try:
                    with suppress(NotSure, TooCostly):
                        return self._kept(self._ran(part))
                finally:
                    self._busy.discard(name)
            found = self._scope[name]
            return [self._plain(each) for each in (found if isinstance(found, list) else [found])]
        except (KeyError, NotSure, QuestionnaireError):
            return None

    def _kept(self, values: Values) -> Values:
        self._scope.shared.keep(len(values))
        return values

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Typed) and value.path == RESPONSE_ITEM:
            return value.data
        # What the library found has its value in `data`.
        found = getattr(value, "data", value)
        if found is self.index.response or type(found) in _SCALARS:
            return found
        raise NotSure

    def _focus(self) -> Any:
        focus = self._scope.focus
        return focus.data if isinstance(focus, Typed) else focus


def _json(value: Any) -> Any:
    if type(value) is Decimal:
        return int(value) if value == value.to_integral_value() else float(value)
    return value
