"""Which items of a response an expression reads, worked out from its text alone."""

from collections.abc import Callable, Mapping
from typing import Any

from template_service.questionnaire.expressions.reading import Anything, Found, Reach, Reader
from template_service.questionnaire.expressions.syntax import NotParsed, parse
from template_service.questionnaire.expressions.variables import in_order
from template_service.questionnaire.form import Form, Item


def linkids(
    expression: str, variables: Mapping[str, str], here: str | None = None
) -> frozenset[str] | None:
    """The linkIds of the items whose answers, or anything inside them, an expression reads.

    `variables` (name -> FHIRPath) are all that are visible where it stands; any other name is
    taken for something that answers do not change. `here` is the linkId of its own item, which its
    focus is, or None for the response. None: it may look at any item.
    """
    return Sources(variables).linkids(expression, here)


class Sources:
    """What is read through the variables of one place and those around it, each worked out once."""

    def __init__(self, variables: Mapping[str, str], around: "Sources | None" = None) -> None:
        self._variables = variables
        self._around = around
        self._found: dict[str, Found | None] = {}
        self.sets: dict[frozenset[str], frozenset[str]] = {} if around is None else around.sets

    def inside(self, variables: Mapping[str, str]) -> "Sources":
        """The variables of an item within this place."""
        return Sources(variables, self) if variables else self

    def linkids(self, expression: str, here: str | None) -> frozenset[str] | None:
        """See `linkids`, of an expression that stands in this place."""
        found = self.read(expression, None if here is None else frozenset((here,)))
        if found is None or found.reach is None:
            return None
        return self._shared(found.seen | found.reach)

    def read(self, expression: str, own: Reach) -> Found | None:
        """What an expression with this focus reads; None when it may look at any item."""
        reader = Reader(self.variable, own)
        try:
            reach = reader.reach(parse(expression), own)
        except (Anything, NotParsed, RecursionError):
            return None
        return Found(reach, self._shared(frozenset(reader.seen)))

    def variable(self, name: str) -> Found | None:
        """What a variable reads. KeyError when there is none of that name."""
        if name not in self._variables:
            if self._around is None:
                raise KeyError(name)
            return self._around.variable(name)
        for each in in_order(name, self._variables.get, self._found):
            # One that needs itself may be anything.
            self._found[each] = None
            # Its own focus may be an item around the place, or the response.
            self._found[each] = self.read(self._variables[each], None)
        return self._found[name]

    def _shared(self, link_ids: frozenset[str]) -> frozenset[str]:
        """Equal sets once: thousands of expressions may read what one variable does."""
        return self.sets.setdefault(link_ids, link_ids)


class Places:
    """The Sources of every place of a form, each made once.

    `variables_of` gives the variables of an element, name -> FHIRPath.
    """

    def __init__(
        self, form: Form, variables_of: Callable[[Mapping[str, Any]], Mapping[str, str]]
    ) -> None:
        self._form = form
        self._variables_of = variables_of
        self._known: dict[str | None, Sources] = {None: Sources(variables_of(form.resource))}

    def at(self, link_id: str | None) -> Sources:
        """What is visible inside an item; None: in the response."""
        waiting: list[Item] = []
        while link_id is not None and link_id not in self._known:
            waiting.append(self._form.items[link_id])
            link_id = waiting[-1].parent
        found = self._known[link_id]
        for item in reversed(waiting):
            found = self._known[item.link_id] = found.inside(self._variables_of(item.raw))
        return found
