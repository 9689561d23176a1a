"""A compiled questionnaire and the texts typed so far, put together as the blocks of its page."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from template_service.questionnaire.form import Form, Item
from template_service.web.questionnaire_cards import marks_of, told_now
from template_service.web.questionnaire_choices import choices_of, is_tall, units_of
from template_service.web.questionnaire_fields import (
    Fields,
    Rows,
    by_rows,
    code_of,
    field,
    is_calculated,
    item_control,
    needed_of,
    row_keys,
    shape_of,
)
from template_service.web.questionnaire_gate import Sight
from template_service.web.questionnaire_language import ours
from template_service.web.questionnaire_markup import rich_text
from template_service.web.questionnaire_notes import (
    DOUBTFUL,
    bounds_of,
    is_note,
    kept_text,
    label_text,
    notes_of,
    prefix_of,
)
from template_service.web.questionnaire_rows import next_number, next_of
from template_service.web.questionnaire_styles import GRIDS, has_condition, shown_by_styles
from template_service.web.questionnaire_values import parts_of
from template_service.web.questionnaire_view import Asked, Block, Column, Row, has_trouble
from template_service.web.speech import gettext as _
from template_service.web.speech import joined

# Headings below the sixth level do not exist; a deep group keeps the last one.
_DEEPEST = 6
_FOLDS = {"default-open": "open", "default-closed": "closed"}
_GROUPS = frozenset({"section", "rows", "table"})


def blocks_of(
    form: Form, fields: Fields, sight: Sight, asked: Asked, cards: frozenset[str] = frozenset()
) -> tuple[Block, ...]:
    """Every block of the page, headers first and footers last; `cards` are those it carries."""
    blocks = _Builder(form, fields, sight, asked, cards).blocks(form.roots, (), 3)
    return tuple(_boxed(blocks))


def _boxed(blocks: Iterable[Block]) -> Iterator[Block]:
    """Questions that stand in no group share a box."""
    for in_group, run in groupby(blocks, lambda block: block.shape in _GROUPS):
        together = tuple(run)
        if in_group:
            yield from together
        else:
            yield Block("box", f"{together[0].id}-box", blocks=together)


@dataclass(frozen=True)
class _Builder:
    """One page being built."""

    form: Form
    fields: Fields
    sight: Sight
    asked: Asked
    cards: frozenset[str]

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {link_id: number for number, link_id in enumerate(self.form.items)}

    @cached_property
    def _by_styles(self) -> Mapping[str, str]:
        return shown_by_styles(self.form)

    @cached_property
    def _told(self) -> frozenset[str]:
        return told_now(self.form, self.fields)

    @cached_property
    def _openers(self) -> frozenset[str]:
        """The questions that other items, which the server shows, ask about."""
        return frozenset(
            each.get("question", "")
            for item in self.form.items.values()
            if has_condition(item) and item.link_id not in self._by_styles
            for each in item.raw.get("enableWhen") or ()
        )

    def blocks(self, items: Iterable[Item], rows: Rows, level: int) -> Iterator[Block]:
        shown = [item for item in items if self.sight.shows(item)]
        for item in sorted(shown, key=_place):
            yield self._placed(item, rows, self._block(item, rows, level))

    def _placed(self, item: Item, rows: Rows, block: Block) -> Block:
        """The block behind its conditions and its gate."""
        by_styles = item.link_id in self._by_styles
        return replace(
            block,
            when=item.link_id if by_styles else "",
            conditional=not by_styles and has_condition(item),
            hidden=not by_styles and has_condition(item) and self._is_hidden(item, rows),
            alone=self._is_gate(item),
        )

    def _is_gate(self, item: Item) -> bool:
        """Whether the safety gate stands before this item, and not around it already."""
        around = self.form.items.get(item.parent or "")
        return self.sight.gates(item) and not (around is not None and self.sight.gates(around))

    def _is_hidden(self, item: Item, rows: Rows) -> bool:
        """Whether the server found an item not to be asked, or any row of a repeating group."""
        keys = row_keys(self.fields, item, rows) if by_rows(item) else ()
        names = {field(item, rows), *(field(item, (*rows, key)) for key in keys)}
        return item.link_id not in self._told and not names.isdisjoint(self.asked.hidden)

    def _block(self, item: Item, rows: Rows, level: int) -> Block:
        if item.type == "display":
            return Block(
                "display", self._id(item, rows), rich_text(item.raw), prefix=prefix_of(item)
            )
        if item.type == "group" and item_control(item) in GRIDS and item.children:
            return self._table(item, rows, level)
        if by_rows(item):
            return self._repeating(item, rows, level)
        return self._once(item, rows, level)

    def _once(self, item: Item, rows: Rows, level: int) -> Block:
        return self._section(item, rows, level) if item.type == "group" else self._ask(item, rows)

    def _section(self, item: Item, rows: Rows, level: int) -> Block:
        fold = _FOLDS.get(code_of(item, "sdc-questionnaire-collapsible"), "")
        inside = self._inside(item, rows, level + 1 if item.text else level)
        return Block(
            "section",
            self._id(item, rows),
            rich_text(item.raw, words=True),
            prefix=prefix_of(item),
            level=min(level, _DEEPEST),
            notes=notes_of(item, self.sight),
            needed=needed_of(self.form, item),
            blocks=inside,
            # What must be put right is never folded away.
            fold="open" if fold and has_trouble(inside) else fold,
            error=self.asked.errors.get(field(item, rows), ""),
        )

    def _inside(self, item: Item, rows: Rows, level: int) -> tuple[Block, ...]:
        return tuple(
            self.blocks([each for each in item.children if not is_note(each)], rows, level)
        )

    def _repeating(self, item: Item, rows: Rows, level: int) -> Block:
        name, label = field(item, rows, "row"), item.text or _("answer")
        keys = row_keys(self.fields, item, rows)
        shown = {**self.fields, name: tuple(map(str, keys))}
        made = []
        for number, key in enumerate(keys, 1):
            around = (*rows, key)
            one = self._once(item, around, level)
            text = f"{label} {number}"
            is_group = item.type == "group"
            made.append(
                Row(
                    id=self._id(item, around),
                    text=text,
                    blocks=one.blocks if is_group else (_in_row(one, text),),
                    key=str(key),
                    remove=f"remove:{name}|{key}" if len(keys) > 1 else "",
                    start=self.asked.focus == field(item, around),
                    heading=is_group,
                    error=one.error if is_group else "",
                )
            )
        return Block(
            "rows",
            f"{self._id(item, rows)}-rows",
            rich_text(item.raw, words=True),
            name=name,
            prefix=prefix_of(item),
            level=min(level, _DEEPEST),
            notes=notes_of(item, self.sight),
            needed=needed_of(self.form, item),
            rows=tuple(made),
            add=f"add:{name}",
            following=(next_of(name), next_number(shown, name)),
            error=self.asked.errors.get(field(item, rows), ""),
            theirs=self.asked.theirs.get(name, ""),
        )

    def _table(self, item: Item, rows: Rows, level: int) -> Block:
        """A group as a table: rows that repeat, groups as rows, or one question in each row."""
        section = self._section(replace(item, children=()), rows, level)
        if by_rows(item):
            whole = self._repeating(item, rows, level)
            made = tuple(
                replace(row, blocks=self._cells(item.children, (*rows, int(row.key)), level))
                for row in whole.rows
            )
            columns = tuple(map(self._column, self._columns(item.children)))
            return replace(whole, shape="table", rows=made, columns=columns)
        groups = [child for child in item.children if child.type == "group"]
        lines = groups or [child for child in item.children if child.type != "display"]
        # A row that is asked alone would take the headings of all with it behind the gate.
        leads = sorted(groups, key=self.sight.gates)[:1]
        first = [self._column(child) for lead in leads for child in self._columns(lead.children)]
        columns = tuple(first) if groups else (Column(ours(_("Answer"))),)
        made = tuple(self._line(child, rows, level) for child in lines if self.sight.shows(child))
        return replace(section, shape="table", rows=made, columns=columns)

    def _line(self, item: Item, rows: Rows, level: int) -> Row:
        cells = item.children if item.type == "group" else (item,)
        hidden = has_condition(item) and field(item, rows) in self.asked.hidden
        blocks = self._cells(cells, rows, level)
        return Row(
            f"{self._id(item, rows)}-line",
            label_text(item),
            blocks,
            hidden=hidden,
            alone=self._is_gate(item),
            needed=needed_of(self.form, item),
        )

    def _cells(self, items: Iterable[Item], rows: Rows, level: int) -> tuple[Block, ...]:
        made = self.blocks(self._columns(items), rows, level)
        return tuple(replace(block, bare=True) for block in made)

    def _column(self, item: Item) -> Column:
        needed = needed_of(self.form, item)
        return Column(label_text(item), alone=self._is_gate(item), needed=needed)

    def _columns(self, items: Iterable[Item]) -> list[Item]:
        return [item for item in items if item.type != "display" and self.sight.shows(item)]

    def _ask(self, item: Item, rows: Rows) -> Block:
        name = field(item, rows)
        if is_calculated(item):
            shown = self.asked.values.get(name, ())
            return Block(
                "value",
                self._id(item, rows),
                rich_text(item.raw, words=True),
                name=name,
                prefix=prefix_of(item),
                notes=notes_of(item, self.sight),
                boxes={"q": joined(", ", shown)},
                caution=_(DOUBTFUL) if item.link_id in self.asked.doubtful else "",
                blocks=self._inside(item, rows, _DEEPEST),
            )
        boxes = {
            part: "\n".join(self.fields.get(field(item, rows, part), ())) for part in parts_of(item)
        }
        if shape_of(item) == "nothing":
            boxes = {"q": joined(", ", self.asked.values.get(name, ()))}
        marks = marks_of(self.form, item, self.cards)
        choices = tuple(choices_of(item, self.fields.get(name, ()), self.sight, marks))
        return Block(
            shape_of(item),
            self._id(item, rows),
            rich_text(item.raw, words=True),
            name=name,
            prefix=prefix_of(item),
            notes=notes_of(item, self.sight),
            needed=needed_of(self.form, item),
            many=item.repeats and bool(item.options),
            tall=is_tall(item, choices),
            choices=choices,
            other=item.type == "open-choice" and bool(item.options),
            boxes=boxes,
            names={part: field(item, rows, part) for part in parts_of(item)},
            units=units_of(item, boxes),
            bounds=bounds_of(item),
            decimal=item.type == "decimal",
            kept=kept_text(item, self.sight),
            blocks=self._inside(item, rows, _DEEPEST),
            error=self.asked.errors.get(name, ""),
            theirs=self.asked.theirs.get(name, ""),
            follows=item.link_id in self._openers,
        )

    def _id(self, item: Item, rows: Rows) -> str:
        return "-".join(["i" + str(self._numbers[item.link_id]), *map(str, rows)])


def _in_row(block: Block, text: str) -> Block:
    """One answer of several: the label says which, and what is said of all stands above them."""
    return replace(block, text=text, prefix="", notes=replace(block.notes, hints=(), help=()))


def _place(item: Item) -> int:
    """Headers come first and footers last; the others stay in order."""
    return {"header": -1, "footer": 1}.get(item_control(item), 0)
