"""What every object of HSDS 3 has: unknown properties kept, blanks left out, reasons in words."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar

from marshmallow import INCLUDE, Schema, ValidationError, pre_load

from directory.open_referral.schema_fields import Identifier, Many, Property


class HsdsObject(Schema):
    """What every object has: an id, classifications, its history, and properties nobody foresaw.

    `profile_required` are the fields that Open Referral UK v3 (or HSDS 3, where the profile leaves
    the object out) demands; only fields marked `required` are refused when missing.
    """

    class Meta:
        """Unknown properties are kept as they came."""

        unknown = INCLUDE

    table: ClassVar[str]
    profile_required: ClassVar[tuple[str, ...]] = ("id",)

    id = Identifier(required=True)

    @pre_load
    def without_blanks(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out known fields that are blank: blank means unknown."""
        known = self.fields
        return {name: it for name, it in data.items() if name not in known or not _is_blank(it)}

    def taken(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """What `load` gives, several times as fast: only the fields that are there are visited.

        Raises ValidationError as `load` does.
        """
        taken: dict[str, Any] = {}
        problems: dict[str, list[str]] = {}
        for name, value in raw.items():
            read = self.readers.get(name)
            if read is None:
                taken[name] = value
            elif not (value is None or (isinstance(value, str) and not value.strip())):
                try:
                    taken[name] = read(value)
                except ValidationError as problem:
                    problems[name] = [str(said) for said in problem.messages]
        for name in self.minimum:
            if name not in taken and name not in problems:
                problems[name] = ["missing"]
        if problems:
            raise ValidationError(problems)
        return taken

    @cached_property
    def readers(self) -> Mapping[str, Callable[[Any], Any]]:
        """What reads each field, without the steps of marshmallow that no field here needs."""
        pairs = self.fields.items()
        return {name: field.read for name, field in pairs if isinstance(field, Property)}

    @cached_property
    def minimum(self) -> tuple[str, ...]:
        """The fields without which an object is refused."""
        return tuple(name for name, field in self.fields.items() if field.required)


class Noted(HsdsObject):
    """An object that carries classifications and its history."""

    attributes = Many("attribute", "link_id")
    metadata = Many("metadata", "resource_id")


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
