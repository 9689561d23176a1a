"""Where in the response an item is being filled: what its expressions see, and what stands around.

Expressions that do not look at answers share one Scope per place, so that a variable is evaluated
once. Those that do look get a fresh one each time, because answers come in while the walk goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from template_service.questionnaire.expressions.evaluation import RESPONSE_ITEM, Typed
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.population.launch import query_names
from template_service.questionnaire.population.names import Variables, variables_of
from template_service.questionnaire.population.observed import Observed
from template_service.questionnaire.population.reporting import Absent

Named = Mapping[str, Any]
"""Names an occurrence adds to what can be seen inside it, with their values."""


@dataclass(slots=True)
class Draft:
    """The response while it is filled, which places look at; `changes` counts what came in."""

    response: dict[str, Any]
    changes: int = 0


@dataclass(slots=True)
class Root:
    """What stands around every place."""

    form: Form
    draft: Draft
    environment: Mapping[str, Any]
    _scope: Scope | None = field(default=None, init=False)
    _changes: int = field(default=0, init=False)

    def scope(self) -> Scope:
        """The outermost scope; a new one once the response has changed, as it keeps variables."""
        if self._scope is None or self._changes != self.draft.changes:
            self._scope = Scope.of(self.form, self.draft.response, self.environment)
            self._changes = self.draft.changes
        return self._scope

    def place(self, absent: Mapping[str, Absent]) -> "Place":
        """The place of the items that are in no other item."""
        variables = dict(variables_of(self.form.resource))
        return Place(self, (), self.draft.response, self.scope(), variables, absent, None)


@dataclass(frozen=True, slots=True)
class Place:
    """One occurrence of an item in the response, or the response itself.

    `variables` are the definitions (name -> expression) of all that can be seen here, `absent` the
    names among them that hold nothing, `bound` the Observation that items inside are limited to.
    """

    root: Root
    steps: tuple[tuple[Item, Mapping[str, Any]], ...]
    focus: Any
    scope: Scope
    variables: Variables
    absent: Mapping[str, Absent]
    bound: Observed | None

    def inside(self, item: Item, node: Mapping[str, Any], named: Named) -> "Place":
        """The place of one occurrence of an item that is directly here."""
        around = self._naming(named) if named else self
        defined = dict(variables_of(item.raw))
        seen = _as_seen(item)
        return replace(
            around,
            steps=(*around.steps, (seen, node)),
            focus=Typed(node, RESPONSE_ITEM),
            scope=around.scope.inside(seen, node),
            variables={**around.variables, **defined} if defined else around.variables,
        )

    def fresh(self) -> Scope:
        """What can be seen here now: no variable that may have looked at fewer answers."""
        scope = self.root.scope()
        for item, node in self.steps:
            scope = scope.inside(item, node)
        return scope

    def _naming(self, named: Named) -> "Place":
        """This place with more names in its environment."""
        root = replace(self.root, environment={**self.root.environment, **named})
        place = replace(self, root=root)
        return replace(place, scope=place.fresh())

    def lacks(self, names: frozenset[str]) -> list[Absent]:
        """Those of the names that hold nothing here."""
        return [self.absent[name] for name in sorted(names) if name in self.absent]


def _as_seen(item: Item) -> Item:
    """The item without its variables that are queries: their results are in the environment."""
    queries = set(query_names(item.raw))
    if not queries:
        return item
    kept = [each for each in item.raw["extension"] if not _is_named(each, queries)]
    return replace(item, raw={**item.raw, "extension": kept})


def _is_named(extension: Any, names: set[str]) -> bool:
    expression = extension.get("valueExpression") if isinstance(extension, dict) else None
    return isinstance(expression, dict) and expression.get("name") in names
