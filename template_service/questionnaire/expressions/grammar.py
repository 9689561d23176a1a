"""FHIRPath text read by fhirpathpy's grammar into the small tree `engine` evaluates.

fhirpathpy 2.2 itself recovers in silence from text that is no FHIRPath ("a and", "iif((a, 1)"), so
the parser is driven from here: the whole text must be one expression. Its parser is written in
Python and recursive: what it is given is bounded first. 1,000 tokens take 0.1 to 1.2 s on one core
(brackets after brackets are slowest), 50 nested brackets half of Python's usual stack.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from time import thread_time
from typing import Any

from antlr4 import (  # type: ignore[import-untyped]
    CommonTokenStream,
    InputStream,
    PredictionMode,
    Token,
)
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from template_service.questionnaire.expressions.library import FP_DateTime, FP_Quantity, FP_Time
from template_service.questionnaire.expressions.limits import (
    BRACKETS_LIMIT,
    DEPTH_LIMIT,
    PARSER_SECONDS_LIMIT,
    TEXT_LIMIT,
    TOKEN_LIMIT,
    TooCostly,
    too_costly,
    weigh_value,
)
from template_service.questionnaire.problems import QuestionnaireError

Node = dict[str, Any]

PREFIX = "questionnaire:"
"""Node types of this tree, so that they never meet those of fhirpathpy's own trees."""

NO_PARSE = "This FHIRPath cannot be parsed: {}"
SHOWN = 120

_ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "f": "\f"}
_ALIASES = {"contains": "containsOp", "in": "inOp", "is": "isOp", "as": "asOp"}
_PASS_THROUGH = ("TermExpression", "InvocationTerm", "LiteralTerm", "ParenthesizedTerm")
_OPERATORS = (
    "MultiplicativeExpression",
    "AdditiveExpression",
    "UnionExpression",
    "InequalityExpression",
    "EqualityExpression",
    "AndExpression",
    "OrExpression",
    "ImpliesExpression",
    "MembershipExpression",
    "TypeExpression",
)


class StackFull(TooCostly):
    """The stack was nearly full already: the same expression may be read another time."""


def parse(expression: str, functions: Mapping[str, Any]) -> Node:
    """The tree of an expression. `functions` are the names it may call.

    Raises QuestionnaireError when the text is not one FHIRPath expression or calls a function that
    does not exist, TooCostly when it is too long or nested too deeply (StackFull: for the caller's
    stack).
    """
    if len(expression) > TEXT_LIMIT:
        raise too_costly(f"more than {TEXT_LIMIT:,} characters")
    try:
        return _Builder(functions).node(_context(expression), 0)
    except RecursionError:
        raise StackFull(too_costly("it is nested too deeply").message) from None
    except ValueError:
        raise QuestionnaireError(NO_PARSE.format(expression[:SHOWN])) from None


def _context(expression: str) -> Any:
    lexer = _Lexer(InputStream(expression))
    lexer.removeErrorListeners()
    stream = _Tokens(lexer)
    stream.fill()
    stream.bound()
    parser = FHIRPathParser(stream)
    parser.removeErrorListeners()
    # "1" is a number and a quantity: full prediction reads on to the end at every one of them.
    parser._interp.predictionMode = PredictionMode.SLL  # noqa: SLF001 - the documented way
    tree = parser.entireExpression()  # type: ignore[no-untyped-call]
    if lexer.lost or parser.getNumberOfSyntaxErrors():
        raise QuestionnaireError(NO_PARSE.format(expression[:SHOWN]))
    return tree.children[0]


class _Lexer(FHIRPathLexer):
    """Notes a character that belongs to no token; the original only prints or ignores it."""

    lost = False

    def recover(self, re: Any) -> None:
        self.lost = True
        super().recover(re)


class _Tokens(CommonTokenStream):  # type: ignore[misc]
    """The tokens of one expression. The parser, and its looking ahead, both take them from here."""

    def __init__(self, lexer: Any) -> None:
        super().__init__(lexer)
        self._deadline = thread_time() + PARSER_SECONDS_LIMIT

    def bound(self) -> None:
        """Refuses too many tokens and brackets nested too deeply."""
        # White space and comments are tokens too, on a channel the parser does not hear.
        if sum(token.channel == Token.DEFAULT_CHANNEL for token in self.tokens) > TOKEN_LIMIT:
            raise too_costly(f"more than {TOKEN_LIMIT:,} words and signs")
        depth = 0
        for token in self.tokens:
            if token.type == Token.EOF:
                break
            depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
            if depth > BRACKETS_LIMIT:
                raise too_costly("it is nested too deeply")

    def consume(self) -> None:
        if thread_time() > self._deadline:
            raise too_costly("it takes too long to read")
        super().consume()


class _Builder:
    """Makes nodes of parser contexts; whatever is a chain in the text is a list in the tree."""

    def __init__(self, functions: Mapping[str, Any]) -> None:
        self._functions = functions

    def node(self, context: Any, depth: int) -> Node:
        kind = type(context).__name__.removesuffix("Context")
        while kind in _PASS_THROUGH:
            context = next(_inner(context))
            kind = type(context).__name__.removesuffix("Context")
        if depth > DEPTH_LIMIT:
            raise too_costly("it is nested too deeply")
        if kind in _OPERATORS:
            return self._operators(context, kind, depth + 1)
        made: Callable[[Any, int], Node] | None = getattr(self, f"_{kind}", None)
        if made is not None:
            return made(context, depth + 1)
        if kind.endswith("Literal"):
            return _made("Constant", value=_LITERALS[kind](context))
        # $this, $index and $total are fhirpathpy's own.
        return {"type": kind}

    def _operators(self, context: Any, kind: str, depth: int) -> Node:
        """`a + b - c` as its first operand and what follows: long sums need no deep stack."""
        rest: list[tuple[str, Node]] = []
        while type(context).__name__.removesuffix("Context") == kind:
            left, sign, right = context.children
            rest.append((_ALIASES.get(sign.getText(), sign.getText()), self.node(right, depth)))
            context = left
        return _made("Operators", first=self.node(context, depth), rest=rest[::-1])

    def _InvocationExpression(self, context: Any, depth: int) -> Node:  # noqa: N802
        steps = []
        while type(context).__name__ == "InvocationExpressionContext":
            context, _, step = context.children
            steps.append(self.node(step, depth))
        steps.append(self.node(context, depth))
        steps.reverse()
        return _made("Path", steps=steps, text=".".join(step.get("text", "()") for step in steps))

    def _MemberInvocation(self, context: Any, _: int) -> Node:  # noqa: N802
        name = _unquoted(context.getText())
        return _made("Member", name=name, text=name)

    def _FunctionInvocation(self, context: Any, depth: int) -> Node:  # noqa: N802
        identifier, *parameters = _inner(context.children[0])
        name = _unquoted(identifier.getText())
        if name not in self._functions:
            raise QuestionnaireError(f"FHIRPath has no function {name[:SHOWN]}() here.")
        given = [self.node(each, depth) for each in _inner(parameters[0])] if parameters else None
        return _made("Function", name=name, parameters=given)

    def _ExternalConstantTerm(self, context: Any, _: int) -> Node:  # noqa: N802
        return _made("Variable", name=_unquoted(context.getText()[1:]))

    def _PolarityExpression(self, context: Any, depth: int) -> Node:  # noqa: N802
        sign, operand = context.children
        return _made("Polarity", sign=sign.getText(), operand=self.node(operand, depth))

    def _IndexerExpression(self, context: Any, depth: int) -> Node:  # noqa: N802
        collection, index = _inner(context)
        return _made("Index", of=self.node(collection, depth), index=self.node(index, depth))

    def _TypeSpecifier(self, context: Any, _: int) -> Node:  # noqa: N802
        return {"type": "TypeSpecifier", "text": context.getText()}


def _made(kind: str, **parts: Any) -> Node:
    return {"type": PREFIX + kind, **parts}


def _inner(context: Any) -> Iterator[Any]:
    """The parts of a context that are not signs."""
    return (child for child in context.children if hasattr(child, "children"))


def _unquoted(text: str) -> str:
    """An identifier or a string without its quotes and with its escapes resolved."""
    if text[:1] not in ("'", '"', "`"):
        return text
    text, found, at = text[1:-1], [], 0
    while (start := text.find("\\", at)) >= 0:
        found.append(text[at:start])
        code = text[start + 1 : start + 2]
        at = start + 2
        if code == "u":
            found.append(chr(int(text[at : at + 4].ljust(4, "?"), 16)))
            at += 4
        else:
            found.append(_ESCAPES.get(code, code))
    return "".join((*found, text[at:]))


def _number(text: str) -> int | Decimal:
    number = Decimal(text)
    weigh_value(number)
    return number if "." in text else int(number)


def _quantity(context: Any) -> Any:
    quantity = context.children[0]
    unit = quantity.children[1].getText() if len(quantity.children) > 1 else "'1'"
    return FP_Quantity(Decimal(quantity.children[0].getText()), unit)


_LITERALS: Mapping[str, Callable[[Any], list[Any]]] = {
    "NullLiteral": lambda _: [],
    "BooleanLiteral": lambda context: [context.getText() == "true"],
    "StringLiteral": lambda context: [_unquoted(context.getText())],
    "NumberLiteral": lambda context: [_number(context.getText())],
    "DateTimeLiteral": lambda context: [FP_DateTime(context.getText()[1:])],
    "TimeLiteral": lambda context: [FP_Time(context.getText()[2:])],
    "QuantityLiteral": lambda context: [_quantity(context)],
}
