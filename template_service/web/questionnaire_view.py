"""A questionnaire's page as small values: blocks within blocks, in the order they are shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer on offer. `alone`: shown only when the person is seen alone.

    `raises` are the cards it opens, in the way the style sheet reads them.
    """

    value: str
    text: str
    checked: bool
    exclusive: bool = False
    alone: bool = False
    ours: bool = False
    raises: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """What a questionnaire says around one question or group."""

    hints: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    unit: str = ""
    lower: str = ""
    upper: str = ""
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One thing on the page.

    `shape` says which: `section` (a group), `display` (a text), `value` (an answer that is only
    shown), `rows` (something that repeats), `table`, or one of `questionnaire_fields.shape_of`.
    `id` is an HTML id, `name` the name of the field, `boxes` the texts typed so far and `names` the
    names of their fields, by part. `when` is the condition that the style sheet decides; where the
    server does it is `conditional`, and `hidden` now or not. `alone`: behind the safety gate.
    `theirs`: what a colleague answered meanwhile. `follows`: other questions may appear after it by
    an update. `following`: the field with the number of the next row. `bare`: a table says its
    label by row and column. `decimal`: a number that need not be whole. `kept` says what
    becomes of what was answered before and is not shown. `needed` says of a question or a group
    when it is needed, as `questionnaire_fields.needed_of` does. `caution` stands with a value.
    """

    shape: str
    id: str
    text: str = ""
    name: str = ""
    prefix: str = ""
    level: int = 2
    notes: Notes = Notes()
    needed: str = ""
    many: bool = False
    tall: bool = False
    choices: tuple[Choice, ...] = ()
    other: bool = False
    boxes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    units: tuple[Choice, ...] = ()
    bounds: str = ""
    blocks: tuple["Block", ...] = ()
    rows: tuple["Row", ...] = ()
    columns: tuple["Column", ...] = ()
    add: str = ""
    following: tuple[str, int] = ("", 0)
    fold: str = ""
    when: str = ""
    conditional: bool = False
    hidden: bool = False
    alone: bool = False
    error: str = ""
    theirs: str = ""
    follows: bool = False
    bare: bool = False
    decimal: bool = False
    kept: str = ""
    caution: str = ""

    @property
    def described_by(self) -> str:
        """The ids of what a screen reader says about the field."""
        said = [f"{self.id}-hint"] if self.notes.hints or self.bounds else []
        return " ".join([*said, f"{self.id}-error"] if self.error else said)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of something that repeats or of a table. `remove` is the value of its button.

    `needed` is as in `Block`.
    """

    id: str
    text: str
    blocks: tuple[Block, ...]
    key: str = ""
    remove: str = ""
    hidden: bool = False
    start: bool = False
    heading: bool = False
    error: str = ""
    alone: bool = False
    needed: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """The heading of a column of a table; `alone`: behind the safety gate, as what is below it.

    `needed` is as in `Block`, of what stands below it.
    """

    text: str
    alone: bool = False
    needed: str = ""


def has_trouble(blocks: Iterable[Block]) -> bool:
    """Whether anything of these must be put right or looked at."""
    return any(
        block.error
        or block.theirs
        or has_trouble(block.blocks)
        or any(row.error or has_trouble(row.blocks) for row in block.rows)
        for block in blocks
    )


def marks_in(blocks: Iterable[Block]) -> frozenset[str]:
    """When what is marked among these is needed (`questionnaire_fields.needed_of`)."""
    found: set[str] = set()
    for block in blocks:
        found |= {block.needed} | marks_in(block.blocks)
        for row in block.rows:
            found |= {row.needed} | marks_in(row.blocks)
    return frozenset(found - {""})


@dataclass(frozen=True, slots=True)
class Asked:
    """How a page is asked for: field names of what is `hidden`, of `errors`, of their answers.

    `values` are the words of what is only shown, those of the linkIds `doubtful` with a caution;
    `focus` is the name of the row just added.
    """

    hidden: frozenset[str] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()
    focus: str = ""
