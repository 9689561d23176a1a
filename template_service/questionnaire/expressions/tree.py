"""FHIRPath as a tree of small values."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number or boolean; `{}` is the value None."""

    value: str | int | Decimal | bool | None


@dataclass(frozen=True, slots=True)
class Opaque:
    """A literal that is left to the library: a date, a time, a quantity, a string with escapes."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """`%name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Special:
    """`$this`, `$index` or `$total`, without the sign."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name`; `of` is None for a name on its own, which belongs to the focus."""

    of: "Node | None"
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """`of.name(arguments)`; `of` is None when it is called on the focus."""

    of: "Node | None"
    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Indexed:
    """`of[at]`."""

    of: "Node"
    at: "Node"


@dataclass(frozen=True, slots=True)
class Signed:
    """`-operand` or `+operand`."""

    sign: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Operation:
    """`left sign right`; of `is` and `as` the right side is the name of a type, as a Literal."""

    sign: str
    left: "Node"
    right: "Node"


Node = Literal | Opaque | Variable | Special | Member | Call | Indexed | Signed | Operation


def inside(node: Node) -> tuple[Node, ...]:
    """What a node is made of, in the order of writing."""
    match node:
        case Member(of=of):
            return () if of is None else (of,)
        case Call(of=of, arguments=arguments):
            return arguments if of is None else (of, *arguments)
        case Indexed(of=of, at=at):
            return (of, at)
        case Signed(operand=operand):
            return (operand,)
        case Operation(left=left, right=right):
            return (left, right)
    return ()


def size(node: Node) -> int:
    """Of how many parts an expression is made: what evaluating it once costs at least."""
    return 1 + sum(map(size, inside(node)))
