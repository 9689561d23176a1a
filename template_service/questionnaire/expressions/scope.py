"""What an expression of a questionnaire sees at one place of a response.

SDC, "Using Expressions", FHIRPath environment variables and context: %resource, %questionnaire,
%context, %qitem, launch contexts by name, and the `variable` extensions of the questionnaire and of
the items around the place.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from template_service.questionnaire.expressions.evaluation import (
    QUESTIONNAIRE_ITEM,
    RESPONSE_ITEM,
    Typed,
    UnknownVariable,
    evaluate,
    evaluate_nodes,
    plain,
)
from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.expressions.index import Index
from template_service.questionnaire.expressions.limits import Allowance
from template_service.questionnaire.expressions.sight import Sight
from template_service.questionnaire.expressions.variables import definitions, in_order
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.problems import QuestionnaireError

_CYCLE = "The variable '{}' needs itself."
_SHOWN = 64
_BUSY = object()


class Scope:
    """The focus and the variables of one place of a response; `scope[name]` is a variable.

    Variables are evaluated when something asks for them, once. Those of inner places hide those
    around them; one that needs itself is refused. A variable in another language than FHIRPath is
    there only when the environment supplies a value of its name.

    `focus` is FHIR JSON or Typed, `shared` what the scopes of one response have in common; `sight`
    is how closures see all this. `known` are the values given right here, `definitions` the
    variables; `read` are those of every item met so far.
    """

    __slots__ = (
        "_evaluated",
        "around",
        "definitions",
        "focus",
        "known",
        "read",
        "shared",
        "sight",
    )

    def __init__(
        self,
        focus: Any,
        known: dict[str, Any],
        element: Mapping[str, Any],
        around: "Scope | None",
        form: Form,
    ) -> None:
        self.focus = focus
        self.known = known
        self._evaluated: dict[str, Any] = {}
        self.around = around
        index = Index(focus) if around is None else around.sight.index
        self.sight: Sight = Sight(self, form, index)
        self.shared: Allowance = Allowance() if around is None else around.shared
        # An item has the same variables wherever it is.
        self.read: dict[str | None, dict[str, Any]] = {} if around is None else around.read
        link_id = None if around is None else element.get("linkId")
        if link_id not in self.read:
            self.read[link_id] = definitions(element)
        self.definitions = self.read[link_id]

    @classmethod
    def of(
        cls, form: Form, response: Mapping[str, Any], environment: Mapping[str, Any] = {}
    ) -> "Scope":
        """The root: its focus is the response. `environment` is name without % -> FHIR JSON."""
        known = {
            **environment,
            "resource": response,
            "rootResource": response,
            "context": response,
            "questionnaire": form.resource,
        }
        return cls(response, known, form.resource, None, form)

    def inside(self, item: Item, node: Mapping[str, Any]) -> "Scope":
        """One occurrence of an item: the focus and %context are its QuestionnaireResponse.item.

        `node` is that item of the response; `{"linkId": ...}` when the response has none.
        """
        focus = Typed(node, RESPONSE_ITEM)
        known = {"context": focus, "qitem": Typed(item.raw, QUESTIONNAIRE_ITEM)}
        return Scope(focus, known, item.raw, self, self.sight.form)

    def evaluate(self, expression: str) -> list[Any]:
        """What an expression gives here, as `evaluation.evaluate`. Raises QuestionnaireError."""
        found = self.sight.evaluate(expression)
        return evaluate(expression, self.focus, self, self.shared) if found is None else found

    def owner(self, name: str) -> "Scope | None":
        """The scope, this one or one around it, whose FHIRPath defines %name; None if none does."""
        return next((each for each in self._outwards() if each.definition(name) is not None), None)

    def _outwards(self) -> Iterator["Scope"]:
        """This scope and those around it: a form of hundreds of levels has as many."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.around

    def definition(self, name: str) -> str | None:
        """The FHIRPath of a variable defined right here."""
        found = self.definitions.get(name)
        if found is None or refused(found) is not None:
            return None
        text: str = found["expression"]
        return text

    def plain(self, name: str) -> list[Any]:
        """The value of %name as a collection of plain FHIR JSON.

        Raises QuestionnaireError when there is none or it cannot be evaluated.
        """
        try:
            return plain(self[name])
        except KeyError:
            raise UnknownVariable(name) from None

    def __getitem__(self, name: str) -> Any:
        """The value of %name, as it goes into an expression. KeyError when there is none.

        Raises QuestionnaireError when it is a variable that cannot be evaluated.
        """
        if name in self.definitions:
            definition = self.definitions[name]
            reason = refused(definition)
            if reason is None:
                return self._variable(name)
            try:
                return self._given(name)
            except KeyError:
                message = f"The variable '{name[:_SHOWN]}' is not there: {reason}"
                raise QuestionnaireError(message) from None
        return self._given(name)

    def _given(self, name: str) -> Any:
        for scope in self._outwards():
            if scope is not self and name in scope.definitions:
                return scope[name]
            if name in scope.known:
                return scope.known[name]
        raise KeyError(name)

    def _variable(self, name: str) -> Any:
        found = self._evaluated.get(name)
        if found is None:
            for each in self.in_order(name, self._evaluated):
                if each not in self._evaluated:
                    self._evaluate_variable(each)
            found = self._evaluated[name]
        if found is _BUSY:
            raise QuestionnaireError(_CYCLE.format(name[:_SHOWN]))
        if isinstance(found, QuestionnaireError):
            raise found.with_traceback(None)
        return found

    def _evaluate_variable(self, name: str) -> None:
        self._evaluated[name] = _BUSY
        expression = self.definitions[name]["expression"]
        try:
            found = evaluate_nodes(expression, self.focus, self, self.shared)
            self.shared.keep(len(found))
            self._evaluated[name] = found
        except QuestionnaireError as error:
            self._evaluated[name] = error
        finally:
            # Python's stack was at its end; somewhere else there may be room.
            if self._evaluated[name] is _BUSY:
                del self._evaluated[name]

    def in_order(self, name: str, known: Container[str]) -> list[str]:
        """The variables of this place that one needs and that are not known yet; itself last."""
        return in_order(name, self.definition, known)
