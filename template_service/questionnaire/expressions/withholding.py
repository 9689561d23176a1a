"""Where calculated items are not enabled, so that no value is written that would count in others.

HL7 SDC: what is not enabled is left out of a response; what is calculated from it must not count it
either. Conditions may ask for calculated values, so this is told of a response that has them.
"""

from collections.abc import Iterable

from template_service.questionnaire.elements import objects
from template_service.questionnaire.enabling import Enabling, Position, enable
from template_service.questionnaire.expressions.order import Calculated
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.expressions.writing import Spot, Writer
from template_service.questionnaire.form import Form
from template_service.questionnaire.occurrences import Occurrence, every, read_occurrences
from template_service.questionnaire.problems import ROOT

Place = tuple[str, tuple[int, ...]]
"""A linkId, and which rows and answers it is in: it stays the same whatever is calculated."""


def place_of(one: Calculated, spot: Spot) -> Place:
    """The place of a calculated item in a response that a Writer holds."""
    rows: list[int] = []
    inside = (*spot.holders[1:], spot.around)
    for item, node, holder in zip(one.chain, spot.trail, inside, strict=False):
        if node is not None and item.type != "group":
            rows.append(_number(objects(node.get("answer")), holder))
        elif node is not None and item.repeats:
            rows.append(id(node))
    return one.item.link_id, tuple(rows)


def disabled_places(
    form: Form, writer: Writer, conditional: Iterable[Calculated], scope: Scope
) -> frozenset[Place] | None:
    """Where these items are not enabled, there or not; None when there is too much to look at."""
    roots = read_occurrences(form, writer.response)
    enabling = enable(form, roots, scope)
    known = {id(each.node): each for each in every(roots)}
    found = frozenset(
        place_of(one, spot)
        for one in conditional
        for spot in writer.spots(one.chain)
        if not _is_enabled(one, spot, writer, enabling, known)
    )
    return None if enabling.is_stopped else found


def _is_enabled(
    one: Calculated,
    spot: Spot,
    writer: Writer,
    enabling: Enabling,
    known: dict[int, Occurrence],
) -> bool:
    for node in () if spot.missing else writer.nodes(spot.around, one.item.link_id):
        if id(node) in known:
            return known[id(node)].enabled
    return enabling.would_be(one.item, *_position(spot, known))


def _position(spot: Spot, known: dict[int, Occurrence]) -> Position:
    nodes = [node for node in spot.trail if node is not None]
    parent = known.get(id(nodes[-1])) if nodes else None
    if parent is None:
        return None, ROOT
    places = parent.places()
    if parent.item.type == "group":
        return parent, places[0]
    return parent, places[_number(parent.node["answer"], spot.around)]


def _number(answers: list[dict[str, object]], one: object) -> int:
    return next(at for at, each in enumerate(answers) if each is one)
