"""How much may be put together: what a hostile questionnaire cannot make cost more."""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.assembly.module import expression_property
from template_service.questionnaire.elements import items, objects_in

ITEM_LIMIT = 10_000
"""Items of the whole, as many as a questionnaire may have: modules that each import two of the
next would otherwise double it at every level."""
MODULE_LIMIT = 1_000
"""Modules put in; a whole of one module for each question is very unlikely (SDC)."""
OBJECT_LIMIT = 60_000
"""JSON objects of the whole and its modules: what is copied and rewritten within a second."""
EXPRESSIONS_LIMIT = 400_000
"""Characters of the expressions of all modules, which are read word by word."""
NAME_LIMIT = 2_000
"""Variables to be had at one place."""


class Budget:
    """What is left to spend. Once something was too much, everything after it is."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._items = sum(1 for _ in items(whole))
        self._objects = sum(1 for _ in objects_in(whole))
        self._modules = 0
        self._characters = 0
        self._exceeded: str | None = None

    def spend(self, module: Mapping[str, Any]) -> str | None:
        """Count a module that is to be put in; why it is too much, or None."""
        if self._exceeded is None:
            self._modules += 1
            self._items += sum(1 for _ in items(module))
            for node in objects_in(module):
                self._objects += 1
                self._characters += _length(node)
            self._exceeded = self._excess()
        return self._exceeded

    def _excess(self) -> str | None:
        for count, limit, what in (
            (self._items, ITEM_LIMIT, "items"),
            (self._modules, MODULE_LIMIT, "modules"),
            (self._objects, OBJECT_LIMIT, "elements"),
            (self._characters, EXPRESSIONS_LIMIT, "characters of expressions"),
        ):
            if count > limit:
                return f"would make more than {limit} {what}"
        return None


def _length(node: Mapping[str, Any]) -> int:
    name = expression_property(node)
    return 0 if name is None else len(node[name])
