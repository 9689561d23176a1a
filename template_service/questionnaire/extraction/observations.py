"""Answers as Observations: HL7 SDC 4, "Form Data Extraction", observation-based extraction.

`sdc-questionnaire-observationExtract` on the Questionnaire or an item says how, for itself and all
inside it, until something further in says otherwise: false not at all, true or `independent` on
its own, `component`, `member` or `derived` related to the Observation around it (code system
observation-extract-relationship). On codes of an item it says which of them are taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from template_service.questionnaire.elements import objects
from template_service.questionnaire.extensions import extensions, value
from template_service.questionnaire.extraction.bundle import Cause, Entries, asked
from template_service.questionnaire.extraction.observed import Head, may_be_subject, observed
from template_service.questionnaire.extraction.places import Place
from template_service.questionnaire.extraction.work import Work
from template_service.questionnaire.problems import Path, Severity, written

EXTRACT = "sdc-questionnaire-observationExtract"
CATEGORY = "sdc-questionnaire-observation-extract-category"
ENTRY = "sdc-questionnaire-observationExtractEntry"
IS_SUBJECT = "sdc-questionnaire-isSubject"

ALONE = "independent"
RELATIONSHIPS = frozenset(("component", "member", "derived", ALONE))

_UNCODED = "The item has no code to extract, so no Observation is made."
_UNKNOWN = "observationExtract must be a boolean, component, member, derived or independent."
_NOT_RELATED = "There is no Observation around it to be {} of; it stands on its own."
_EMPTY_GROUP = "The group has no component and no member, so no Observation is made for it."
_GROUP = "A group cannot be a component; no Observation is made for it."
_NO_VALUE = "An Observation cannot hold an answer of type {}; it is not extracted."
_WHOSE = "Whom the group is about is not answered, or cannot be the subject of an Observation."


@dataclass(frozen=True, slots=True)
class _Rule:
    """What holds at a place; `own`: it says so itself.

    `whose` replaces the response's subject: a Reference, or False when it is not known.
    """

    how: str | None = None
    own: bool = False
    categories: tuple[Any, ...] = ()
    whose: Any = None


@dataclass(slots=True, eq=False)
class _Node:
    """An Observation, or a component of the one that `holder` is."""

    body: dict[str, Any]
    place: Place
    holder: "_Node | None" = None
    components: list[dict[str, Any]] = field(default_factory=list)
    members: list["_Node"] = field(default_factory=list)
    source: "_Node | None" = None
    url: str | None = None
    whose: Any = None

    @property
    def is_empty(self) -> bool:
        """A group that nothing came into."""
        return (
            self.place.item is not None
            and self.place.item.type == "group"
            and not (self.components or any(not member.is_empty for member in self.members))
        )


def observe(found: list[Place], head: Head, entries: Entries, work: Work) -> None:
    """Adds the Observations the places give. Raises TooMuch."""
    observer = _Observer(head, work)
    for place in found:
        observer.look(place)
    observer.add_to(entries)


class _Observer:
    """The Observations of one response; each is found by the path of its answer or group."""

    def __init__(self, head: Head, work: Work) -> None:
        self._head = head
        self._work = work
        self._rules: dict[Place, _Rule] = {}
        self._by_path: dict[Path, _Node] = {}
        self._nodes: list[_Node] = []

    def look(self, place: Place) -> None:
        """Makes what a place gives; places come parents first."""
        around = self._rules[place.parent] if place.parent else _Rule()
        rule = self._rules[place] = self._rule(place, around)
        if place.item is None or rule.how is None or not place.answered:
            return
        if _is_subject(place.element):
            return
        if place.item.type == "group":
            self._look_at_group(place, rule)
            return
        codes = _codes(place.element)
        if not codes:
            if place.answers():
                self._tell("warning" if rule.own else "information", "required", place, _UNCODED)
            return
        for kind, given, path in place.answers():
            body = observed(place.element, kind, given)
            if body is None:
                message = _NO_VALUE.format(kind.removeprefix("value"))
                self._tell("error", "not-supported", place, message, path)
            else:
                self._relate(place, rule, codes, self._work.copy(body), path)

    def _look_at_group(self, place: Place, rule: _Rule) -> None:
        codes = _codes(place.element)
        if not codes:
            if rule.own and objects(place.element.get("code")):
                self._tell("warning", "required", place, _UNCODED)
        elif rule.how == "component":
            self._tell("warning", "not-supported", place, _GROUP)
        else:
            self._relate(place, rule, codes, {}, place.path)

    def _relate(
        self, place: Place, rule: _Rule, codes: list[Any], body: dict[str, Any], path: Path
    ) -> None:
        """Makes one Observation or component, related to the one around it as the rule says."""
        if rule.whose is False:
            self._tell("error", "incomplete", place, _WHOSE, path)
            return
        around = self._around(path)
        holder = around and (around.holder or around)
        how = rule.how
        if holder is not None and how == "component" and holder.whose != rule.whose:
            # A component has no subject of its own: it would be told of the wrong person.
            holder = None
        if holder is None and how != ALONE:
            self._tell("warning", "processing", place, _NOT_RELATED.format(how), path)
        if holder is not None and how == "component":
            component = {"code": {"coding": self._work.copy(codes)}, **body}
            holder.components.append(component)
            self._by_path[path] = _Node(component, place, holder)
            return
        self._work.room_for(len(self._nodes) + 1)
        made = self._head.observation(codes, rule.categories)
        if rule.whose is not None:
            made["subject"] = self._work.copy(rule.whose)
        derived = made.pop("derivedFrom", None)
        made = {**made, **body, **({"derivedFrom": derived} if derived else {})}
        node = _Node(made, place, source=holder if how == "derived" else None, whose=rule.whose)
        if holder is not None and how == "member":
            holder.members.append(node)
        self._by_path[path] = node
        self._nodes.append(node)

    def _around(self, path: Path) -> _Node | None:
        """The nearest Observation or component around a path."""
        while path:
            path = path[0]
            if path in self._by_path:
                return self._by_path[path]
        return None

    def _rule(self, place: Place, around: _Rule) -> _Rule:
        element = place.element
        categories = _categories(element) or around.categories
        own = _how(element) or _how_of_codes(element)
        if own is not None and own not in (*RELATIONSHIPS, "false"):
            self._tell("error", "code-invalid", place, _UNKNOWN)
            own = None
        how = around.how if own is None else own if own != "false" else None
        whose = _whose(place) if _asks_whose(place) else around.whose
        return _Rule(how, own not in (None, "false"), categories, whose)

    def add_to(self, entries: Entries) -> None:
        """Adds what was made, then the references between, which need every fullUrl."""
        added: list[tuple[_Node, dict[str, Any]]] = []
        for node in self._nodes:
            if node.is_empty:
                self._tell("information", "informational", node.place, _EMPTY_GROUP)
                continue
            if node.components:
                node.body["component"] = node.components
            cause = Cause.of(node.place)
            request = asked(self._work, next(extensions(node.place.element, ENTRY), {}), cause)
            entry = None if request is None else entries.add(node.body, request, cause)
            if entry is not None:
                node.url = entry["fullUrl"]
                added.append((node, entry["resource"]))
        for node, resource in added:
            if members := [{"reference": each.url} for each in node.members if each.url]:
                resource["hasMember"] = members
            if node.source is not None and node.source.url:
                resource.setdefault("derivedFrom", []).append({"reference": node.source.url})

    def _tell(
        self, severity: Severity, code: str, place: Place, message: str, path: Path | None = None
    ) -> None:
        where = place.written if path is None else written(path)
        self._work.tell(severity, code, where, place.link_id, message)


def _categories(element: Mapping[str, Any]) -> tuple[Any, ...]:
    given = (each.get("valueCodeableConcept") for each in extensions(element, CATEGORY))
    return tuple(each for each in given if isinstance(each, dict) and each)


def _how(element: Mapping[str, Any]) -> str | None:
    """What observationExtract says on an element; None when it is not there."""
    extension = next(extensions(element, EXTRACT), None)
    if extension is None:
        return None
    given = extension.get("valueBoolean", extension.get("valueCode"))
    if isinstance(given, bool):
        return ALONE if given else "false"
    return given if isinstance(given, str) else "?"


def _how_of_codes(element: Mapping[str, Any]) -> str | None:
    """What the codes of an item say where the item itself says nothing."""
    told_ = (_how(code) for code in objects(element.get("code")))
    return next((how for how in told_ if how not in (None, "false")), None)


def _codes(element: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The codes to extract: those that say so when any says anything, else all."""
    codes = objects(element.get("code"))
    said = [_how(code) for code in codes]
    if any(how is not None for how in said):
        pairs = zip(codes, said, strict=True)
        codes = [code for code, how in pairs if how not in (None, "false")]
    plain = ({name: each for name, each in code.items() if name != "extension"} for code in codes)
    return [code for code in plain if code]


def _asks_whose(place: Place) -> bool:
    """Whether an item directly inside says whom the group is about (SDC, isSubject)."""
    inside = objects(place.element.get("item")) if place.item is not None else []
    return any(_is_subject(each) for each in inside)


def _whose(place: Place) -> Any:
    """Whom a group is about, as its item for that says; False when it does not."""
    for child in place.children:
        if _is_subject(child.element):
            given = [given for kind, given, _ in child.answers() if kind == "valueReference"]
            return given[0] if given and may_be_subject(given[0]) else False
    return False


def _is_subject(element: Mapping[str, Any]) -> bool:
    return value(element, IS_SUBJECT, "valueBoolean") is True
