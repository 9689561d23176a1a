"""Conditions of modifiers: a small part of FHIRPath compiled to closures.

    or-expression   := and-expression ('or' and-expression)*
    and-expression  := term ('and' term)*
    term            := '(' or-expression ')'
                     | ('%level' | '%age') ('<' | '<=' | '>' | '>=' | '=' | '!=') integer
                     | %codes '.intersect(' 'a' ('|' 'b')* ')' '.exists()'
                     | %codes 'contains' 'a'

`%codes` is `%conditions` or a root variable of the form that holds the codes answered to one item.
An empty `%level` or `%age` makes its comparison empty, which (there being no `not`) is as good as
false. Whatever is not of this shape runs through FHIRPath instead, with the same meaning.
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from template_service.questionnaire.form import Facts, Option

Holds = Callable[[int | None, Facts], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<variable>%\w+)|(?P<string>'[^'\\]*')|(?P<number>\d+)"
    r"|(?P<word>\w+)|(?P<sign><=|>=|!=|[<>=|().]))"
)
_CODES = re.compile(
    r"\s*%resource\.descendants\(\)\.where\(linkId\s*=\s*'([^'\\]+)'\)"
    r"\.answer\.valueCoding\.code\s*"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_DEPTH_LIMIT = 32


class NotInSubset(Exception):
    """The expression is not of the shapes above."""


def coded_item(expression: str) -> str | None:
    """The linkId whose answered codes a root variable holds, or None if it says anything else."""
    match = _CODES.fullmatch(expression)
    return match.group(1) if match else None


def compile_rule(expression: str, variables: Mapping[str, str]) -> Holds:
    """The closure of a condition; `variables` are the form's root variables (name -> FHIRPath).

    Raises NotInSubset.
    """
    parser = _Parser(_tokens(expression), variables)
    holds = parser.either(0)
    parser.end()
    return holds


def _tokens(expression: str) -> list[str]:
    tokens, position, end = [], 0, len(expression.rstrip())
    while position < end:
        match = _TOKEN.match(expression, position)
        if match is None:
            raise NotInSubset
        tokens.append(match.group().strip())
        position = match.end()
    return tokens


def _either(first: Holds, second: Holds) -> Holds:
    return lambda level, facts: first(level, facts) or second(level, facts)


def _both(first: Holds, second: Holds) -> Holds:
    return lambda level, facts: first(level, facts) and second(level, facts)


def _chosen(link_id: str, wanted: frozenset[str]) -> Holds:
    def holds(_level: int | None, facts: Facts) -> bool:
        for each in facts.counted.get(link_id, ()):
            if type(each) is Option and each.code in wanted:
                return True
        return False

    return holds


class _Parser:
    """Recursive descent over the tokens; the last token is an empty end mark."""

    def __init__(self, tokens: list[str], variables: Mapping[str, str]) -> None:
        self._tokens = [*tokens, ""]
        self._variables = variables
        self._at = 0

    def either(self, depth: int) -> Holds:
        found = self._both(depth)
        while self._accept("or"):
            found = _either(found, self._both(depth))
        return found

    def _both(self, depth: int) -> Holds:
        found = self._term(depth)
        while self._accept("and"):
            found = _both(found, self._term(depth))
        return found

    def _term(self, depth: int) -> Holds:
        if depth > _DEPTH_LIMIT:
            raise NotInSubset
        if self._accept("("):
            inner = self.either(depth + 1)
            self._expect(")")
            return inner
        variable = self._next()
        if variable in ("%level", "%age"):
            return self._comparison(variable)
        return self._membership(variable)

    def _comparison(self, variable: str) -> Holds:
        compare = _COMPARISONS.get(self._next())
        number = self._next()
        if compare is None or not number.isdecimal():
            raise NotInSubset
        bound = int(number)
        if variable == "%level":
            return lambda level, _facts: level is not None and compare(level, bound)
        return lambda _level, facts: facts.age is not None and compare(facts.age, bound)

    def _membership(self, variable: str) -> Holds:
        link_id = self._item_of(variable)
        single = self._accept("contains")
        wanted = frozenset((self._string(),)) if single else self._intersection()
        if link_id is None:
            return lambda _level, facts: not wanted.isdisjoint(facts.conditions)
        return _chosen(link_id, wanted)

    def _item_of(self, variable: str) -> str | None:
        """The linkId behind a variable; None for `%conditions`."""
        if variable == "%conditions":
            return None
        link_id = coded_item(self._variables.get(variable.removeprefix("%"), ""))
        if link_id is None or not variable.startswith("%"):
            raise NotInSubset
        return link_id

    def _intersection(self) -> frozenset[str]:
        self._expect(".", "intersect", "(")
        wanted = [self._string()]
        while self._accept("|"):
            wanted.append(self._string())
        self._expect(")", ".", "exists", "(", ")")
        return frozenset(wanted)

    def _string(self) -> str:
        token = self._next()
        if not token.startswith("'"):
            raise NotInSubset
        return token[1:-1]

    def _next(self) -> str:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _accept(self, wanted: str) -> bool:
        found = self._tokens[self._at] == wanted
        self._at += found
        return found

    def _expect(self, *wanted: str) -> None:
        for token in wanted:
            if not self._accept(token):
                raise NotInSubset

    def end(self) -> None:
        self._expect("")
