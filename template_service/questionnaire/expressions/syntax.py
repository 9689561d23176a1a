"""FHIRPath read into a tree of small values, quickly: recursive descent over regular tokens.

The grammar is that of FHIRPath N1 (https://hl7.org/fhirpath/N1/grammar.html), whole, so that what
an expression reads can be worked out even where nothing here evaluates it. fhirpathpy's own parser
takes some milliseconds for one expression, which a form with hundreds of them cannot spend.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

from template_service.questionnaire.expressions.limits import TEXT_LIMIT
from template_service.questionnaire.expressions.tree import (
    Call,
    Indexed,
    Literal,
    Member,
    Node,
    Opaque,
    Operation,
    Signed,
    Special,
    Variable,
)

DEPTH_LIMIT = 30
"""Brackets within brackets; each takes some ten calls of Python's stack."""
CHAIN_LIMIT = 200
"""Operators or steps after one another, each of which takes a call of whoever walks the tree."""


class NotParsed(Exception):
    """The text is no FHIRPath, or more of it than we take."""


_TOKEN = re.compile(
    r"""(?P<space>(?:\s+|//[^\n]*|/\*.*?\*/)+)
    |(?P<opaque>@[0-9T:.+\-Z]+)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<variable>%(?:\w+|`[^`\\]+`|'[^'\\]+'))
    |(?P<special>\$\w+)
    |(?P<quoted>`[^`\\]+`)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<sign><=|>=|!=|!~|[-+*/&|<>=~.,()\[\]{}])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_UNITS = frozenset(
    f"{unit}{plural}"
    for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for plural in ("", "s")
)
_WORDS_OF_OPERATORS = frozenset(
    ("div", "mod", "is", "as", "in", "contains", "and", "or", "xor", "implies")
)
# As names these words stay usable (FHIRPath N1, "identifier"); the others need back-quotes.
_NAMES_TOO = frozenset(("as", "contains", "in", "is"))
_LEVELS: tuple[frozenset[str], ...] = (
    frozenset(("implies",)),
    frozenset(("or", "xor")),
    frozenset(("and",)),
    frozenset(("in", "contains")),
    frozenset(("=", "!=", "~", "!~")),
    frozenset(("<", "<=", ">", ">=")),
    frozenset(("|",)),
    frozenset(("is", "as")),
    frozenset(("+", "-", "&")),
    frozenset(("*", "/", "div", "mod")),
)
"""The operators, those that bind least first; all of them are left-associative."""

_Token = tuple[str, str]
"""(kind, text); the last token is an empty one of kind `end`."""


@lru_cache(maxsize=4096)
def parse(expression: str) -> Node:
    """The tree of an expression. Raises NotParsed, on any text that is none or too much."""
    if len(expression) > TEXT_LIMIT:
        raise NotParsed
    return _Parser([*_tokens(expression), ("end", "")]).whole()


def _tokens(expression: str) -> Iterator[_Token]:
    position = 0
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            raise NotParsed
        position = match.end()
        if match.lastgroup is not None and match.lastgroup != "space":
            yield match.lastgroup, match.group()


class _Parser:
    """Recursive descent; every method leaves off behind what it has read."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._expression()
        if self._tokens[self._at][0] != "end":
            raise NotParsed
        return node

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise NotParsed
        node = self._operation(0)
        self._depth -= 1
        return node

    def _operation(self, least: int) -> Node:
        """Everything that binds at least as much as a level (precedence climbing)."""
        node, steps = self._signed(), 0
        while (level := self._level()) >= least:
            steps += 1
            if steps > CHAIN_LIMIT:
                raise NotParsed
            sign = self._next()[1]
            named = sign in ("is", "as")
            right = Literal(self._type()) if named else self._operation(level + 1)
            node = Operation(sign, node, right)
        return node

    def _level(self) -> int:
        kind, text = self._tokens[self._at]
        if kind == "sign" or (kind == "word" and text in _WORDS_OF_OPERATORS):
            return _LEVEL.get(text, -1)
        return -1

    def _signed(self) -> Node:
        kind, text = self._tokens[self._at]
        if kind != "sign" or text not in ("-", "+"):
            return self._path()
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise NotParsed
        self._at += 1
        node = Signed(text, self._signed())
        self._depth -= 1
        return node

    def _path(self) -> Node:
        node, steps = self._term(), 0
        while True:
            if self._accept("."):
                node = self._invocation(node)
            elif self._accept("["):
                node = Indexed(node, self._expression())
                self._expect("]")
            else:
                return node
            steps += 1
            if steps > CHAIN_LIMIT:
                raise NotParsed

    def _term(self) -> Node:
        kind, text = self._tokens[self._at]
        if kind in ("word", "quoted", "special"):
            if text in ("true", "false"):
                self._at += 1
                return Literal(text == "true")
            return self._invocation(None)
        self._at += 1
        if kind in _LITERALS:
            return self._quantity(_LITERALS[kind](text))
        if kind == "sign" and text == "{":
            self._expect("}")
            return Literal(None)
        if kind == "sign" and text == "(":
            node = self._expression()
            self._expect(")")
            return node
        raise NotParsed

    def _quantity(self, literal: Node) -> Node:
        """A number with a unit behind it is a quantity."""
        kind, text = self._tokens[self._at]
        number = isinstance(literal, Literal) and isinstance(literal.value, int | Decimal)
        if number and (kind == "string" or (kind == "word" and text in _UNITS)):
            self._at += 1
            return Opaque(text)
        return literal

    def _invocation(self, of: Node | None) -> Node:
        kind, text = self._next()
        if kind == "special" and of is None:
            return Special(text[1:])
        if kind == "word" and text in _WORDS_OF_OPERATORS - _NAMES_TOO:
            raise NotParsed
        if kind not in ("word", "quoted"):
            raise NotParsed
        name = text.strip("`")
        if not self._accept("("):
            return Member(of, name)
        return Call(of, name, tuple(self._arguments()))

    def _arguments(self) -> Iterator[Node]:
        if self._accept(")"):
            return
        yield self._expression()
        while self._accept(","):
            yield self._expression()
        self._expect(")")

    def _type(self) -> str:
        names = [self._next()]
        while self._accept("."):
            names.append(self._next())
        if any(kind not in ("word", "quoted") for kind, _ in names):
            raise NotParsed
        return ".".join(text.strip("`") for _, text in names)

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        if token[0] == "end":
            raise NotParsed
        self._at += 1
        return token

    def _accept(self, sign: str) -> bool:
        found = self._tokens[self._at] == ("sign", sign)
        self._at += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise NotParsed


def _number(text: str) -> Literal:
    return Literal(Decimal(text) if "." in text else int(text))


def _string(text: str) -> Node:
    return Opaque(text) if "\\" in text else Literal(text[1:-1])


_LEVEL: Mapping[str, int] = {sign: level for level, signs in enumerate(_LEVELS) for sign in signs}
_LITERALS: Mapping[str, Callable[[str], Node]] = {
    "number": _number,
    "string": _string,
    "opaque": Opaque,
    "variable": lambda text: Variable(text[1:].strip("`'")),
}
