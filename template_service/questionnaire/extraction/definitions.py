"""Answers by their item's definition: HL7 SDC 4, "Form Data Extraction", definition-based.

`definitionExtract` (or the older `itemExtractionContext`) on the Questionnaire or an item opens a
resource; inside it, an item whose `definition` is the canonical of that resource, `#` and the id
of an element says where its answers go, and `definitionExtractValue` adds values of its own. A
definition outside every open resource only documents its item.
"""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.elements import value_of
from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.extensions import extensions, value
from template_service.questionnaire.extraction.building import (
    Frame,
    Given,
    Target,
    Unwritable,
    pruned,
    steps_of,
)
from template_service.questionnaire.extraction.bundle import Asked, Cause, Entries, told
from template_service.questionnaire.extraction.contexts import Contexts, bare, opens
from template_service.questionnaire.extraction.observed import UNIT
from template_service.questionnaire.extraction.places import Place
from template_service.questionnaire.extraction.work import Work
from template_service.questionnaire.problems import Path, QuestionnaireError
from template_service.questionnaire.r4_elements import type_named

VALUE = "sdc-questionnaire-definitionExtractValue"

_NOT_OPEN = "The definition is of a resource that is not being extracted here."
_NO_VALUE = "definitionExtractValue needs a definition and a fixed value or an expression."
_FAILED = "{} Nothing is extracted into {}."

_Frames = tuple[Frame, ...]


def build(
    questionnaire: Mapping[str, Any], found: list[Place], entries: Entries, work: Work
) -> None:
    """Adds the resources that the places build. Raises TooMuch."""
    builder = _Builder(questionnaire, work)
    for place in found:
        builder.look(place)
    builder.add_to(entries)


class _Builder:
    """The resources being built; what is open at a path holds for everything inside it."""

    def __init__(self, questionnaire: Mapping[str, Any], work: Work) -> None:
        self._contexts = Contexts(questionnaire, work)
        self._work = work
        self._frames: dict[Path, _Frames] = {}
        self._targets: list[tuple[Target, Asked, Cause]] = []

    def look(self, place: Place) -> None:
        """Opens what a place opens and writes what it says; places come parents first."""
        if place.item is not None and not place.answered:
            return
        for iteration in place.iterations() if opens(place.element) else [place]:
            frames = self._opened(iteration, self._around(iteration.path))
            frames = self._entered(iteration, frames)
            if frames:
                self._frames[iteration.path] = frames
            for extension in extensions(iteration.element, VALUE):
                self._write_value(extension, iteration, frames)
            if iteration.item is not None and iteration.item.type != "group":
                self._write_answers(iteration, frames)

    def _around(self, path: Path) -> _Frames:
        while path:
            path = path[0]
            if path in self._frames:
                return self._frames[path]
        return self._frames.get(path, ())

    def _opened(self, place: Place, frames: _Frames) -> _Frames:
        for target, asked in self._contexts.opened(place):
            self._targets.append((target, asked, Cause.of(place)))
            frames = (*frames, Frame(target, (), target.resource, target.type))
        return frames

    def _entered(self, place: Place, frames: _Frames) -> _Frames:
        """The frames with the element that a group's definition names."""
        definition = place.element.get("definition")
        is_group = place.item is not None and place.item.type == "group"
        if not is_group or not frames or not isinstance(definition, str):
            return frames
        frame = self._frame(definition, place, frames)
        if frame is None:
            return frames
        try:
            self._work.element()
            return (*frames, frame.opened(steps_of(definition.partition("#")[2])[1]))
        except Unwritable as error:
            self._tell("error", "value", place, str(error))
            return frames

    def _frame(self, definition: str, place: Place, frames: _Frames) -> Frame | None:
        """The innermost open element that a definition can be written from."""
        canonical, _, element_id = definition.partition("#")
        type_, steps = steps_of(element_id)
        for frame in reversed(frames):
            target = frame.target
            matches = target.canonical in (None, bare(canonical)) and target.type == type_
            if matches and steps[: len(frame.steps)] == frame.steps:
                return frame
        self._tell("warning", "not-found", place, _NOT_OPEN)
        return None

    def _write_answers(self, place: Place, frames: _Frames) -> None:
        definition = place.element.get("definition")
        given = [
            Given(each, type_named(kind.removeprefix("value"))) for kind, each, _ in place.answers()
        ]
        if frames and given and isinstance(definition, str):
            self._write(definition, given, place, frames)

    def _write_value(self, extension: Mapping[str, Any], place: Place, frames: _Frames) -> None:
        definition = value(extension, "definition", "valueUri")
        kind, fixed = value_of(next(extensions(extension, "fixed-value"), {}))
        if not isinstance(definition, str):
            self._tell("error", "structure", place, _NO_VALUE)
        elif kind:
            given = [Given(fixed, type_named(kind.removeprefix("value")))]
            self._write(definition, given, place, frames)
        else:
            found = self._evaluated(extension, definition, place)
            if found:
                self._write(definition, found, place, frames)

    def _evaluated(
        self, extension: Mapping[str, Any], definition: str, place: Place
    ) -> list[Given]:
        expression = value(extension, "expression", "valueExpression")
        named = definition.partition("#")[2]
        if expression is None:
            self._tell("error", "structure", place, _NO_VALUE)
        elif (why := refused(expression)) is not None:
            self._tell("error", "not-supported", place, _FAILED.format(why, named))
        else:
            try:
                found = self._work.typed(expression["expression"], place.scope)
                return [Given(each, type_) for type_, each in found]
            except QuestionnaireError as error:
                self._tell("error", "processing", place, _FAILED.format(error, named))
        return []

    def _write(self, definition: str, given: list[Given], place: Place, frames: _Frames) -> None:
        frame = self._frame(definition, place, frames)
        if frame is None:
            return
        copies = [Given(self._work.copy(each.value), each.type) for each in given]
        unit = value(place.element, UNIT, "valueCoding")
        try:
            frame.write(steps_of(definition.partition("#")[2])[1], copies, unit)
        except Unwritable as error:
            self._tell("error", "value", place, str(error))

    def add_to(self, entries: Entries) -> None:
        """Adds what was built, without the elements nothing was written into."""
        for target, asked, cause in self._targets:
            resource, nameless = pruned(target.resource)
            for message in nameless:
                told(self._work, "error", "required", cause, message)
            entries.add(resource, asked, cause)

    def _tell(self, severity: Any, code: str, place: Place, message: str) -> None:
        self._work.tell(severity, code, place.written, place.link_id, message)
