"""Reading mapping files: YAML or JSON, with every fault named by its place.

Of YAML only what JSON can say too: no tags, no aliases, and `yes` is a word.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from directory.model import NEEDS
from directory.open_referral.attributes import CURATED_ONLY
from directory.open_referral.mapping import (
    Column,
    FileMapping,
    InvalidMapping,
    Made,
    Target,
    Template,
)

_LARGEST: Final = 1 << 20
# Made from nothing else, their ids would change with their content.
_NEEDS_ID: Final = frozenset({"organization", "service", "location", "program", "taxonomy"})


def read_mapping(path: Path) -> tuple[FileMapping, ...]:
    """The mapping of a YAML or JSON file. Raises InvalidMapping naming all that is wrong in it."""
    try:
        text = path.read_bytes()[: _LARGEST + 1]
    except OSError as problem:
        raise InvalidMapping((f"{path.name}: {problem.strerror}",)) from None
    if len(text) > _LARGEST:
        raise InvalidMapping((f"{path.name}: larger than {_LARGEST:,} bytes",))
    try:
        document = yaml.load(text, _PlainLoader)  # noqa: S506  # a SafeLoader, and stricter
        stated = _MappingSchema().load(document)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as problem:
        raise InvalidMapping((f"{path.name}: {' '.join(str(problem).split())}",)) from None
    except ValidationError as problem:
        raise InvalidMapping(tuple(_flat(problem.messages, ()))) from None
    files = tuple(map(_file, stated["files"]))
    problems = tuple(problem for file in files for problem in _problems(file))
    if problems:
        raise InvalidMapping(problems)
    return files


class _PlainLoader(yaml.SafeLoader):
    """YAML as JSON would say it: `yes` and `2024-01-31` are text, nothing is repeated by name."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012  # as in the parent class

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases: a short file could stand for an endless one."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias is not read here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that is there twice: the first would be lost."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"{key!r} is there twice, {node.start_mark}")
        return super().construct_mapping(node, deep)


for _tag, _shape, _starts in (
    ("tag:yaml.org,2002:bool", r"true|false", "tf"),
    ("tag:yaml.org,2002:null", r"null|~|", ["n", "~", ""]),
    ("tag:yaml.org,2002:int", r"-?(0|[1-9]\d*)", "-0123456789"),
    ("tag:yaml.org,2002:float", r"-?(0|[1-9]\d*)\.\d+", "-0123456789"),
):
    _PlainLoader.add_implicit_resolver(_tag, re.compile(f"(?:{_shape})$"), list(_starts))


class _Texts(fields.Field[Any]):
    """One text or a list of them, as a list."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str | int | float) for text in texts):
            raise ValidationError("text is expected, or a list of texts")
        return texts


class _Pattern(fields.String):
    """A regular expression."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return re.compile(super()._deserialize(value, *args, **kwargs))
        except re.error as problem:
            raise ValidationError(f"not a regular expression: {problem}") from None


class _RecordSchema(Schema):
    kind = fields.String()
    id = _Texts()
    refers = fields.List(fields.String())
    shared = fields.Boolean()
    per = fields.String()
    when = fields.Dict(fields.String(), _Texts())
    unless = fields.Dict(fields.String(), _Texts())


class _ColumnSchema(Schema):
    to = _Texts(required=True)
    split = fields.String(validate=validate.Length(min=1))
    values = fields.Dict(fields.String(), fields.Raw(allow_none=True))
    join = fields.String()
    hours = fields.Boolean()
    blanks = fields.Boolean()
    pattern = _Pattern()
    otherwise = fields.String()

    @validates_schema
    def nothing_lost(self, data: Mapping[str, Any], **_: Any) -> None:
        """A cell that the pattern does not fit has to go somewhere."""
        if ("pattern" in data) != ("otherwise" in data):
            raise ValidationError("pattern and otherwise go together")


class _Columns(fields.Field[Any]):
    """A target, a list of targets, or an object that says more."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        said = value if isinstance(value, dict) else {"to": value}
        return _ColumnSchema().load(said)


class _FileSchema(Schema):
    file = fields.String(required=True)
    records = fields.Dict(
        fields.String(),
        fields.Nested(_RecordSchema),
        required=True,
        validate=validate.Length(min=1),
    )
    columns = fields.Dict(fields.String(), _Columns(), load_default=dict)
    constants = fields.Dict(fields.String(), fields.Raw(), load_default=dict)
    ignored = fields.List(fields.String(), load_default=list)
    guarded = fields.Boolean(load_default=False)


class _MappingSchema(Schema):
    about = fields.Dict(fields.String(), fields.String())
    files = fields.List(fields.Nested(_FileSchema), required=True, validate=validate.Length(min=1))


def _flat(messages: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Marshmallow's nested messages as lines "files.0.columns.Title: what is wrong"."""
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            part = () if key in ("_schema", "value", "key") else (str(key),)
            yield from _flat(value, (*path, *part))
    else:
        for message in messages:
            yield f"{'.'.join(path) or 'mapping'}: {message}"


def _file(stated: Mapping[str, Any]) -> FileMapping:
    return FileMapping(
        file=stated["file"],
        records={name: _made(name, said) for name, said in stated["records"].items()},
        columns={name: _column(said) for name, said in stated["columns"].items()},
        constants={_target(name): _template(it) for name, it in stated["constants"].items()},
        ignored=frozenset(stated["ignored"]),
        guarded=stated["guarded"],
    )


def _made(name: str, said: Mapping[str, Any]) -> Made:
    return Made(
        name=name,
        kind=said.get("kind", name),
        id=_template(said["id"]) if "id" in said else None,
        refers=tuple(said.get("refers", ())),
        shared=said.get("shared", False),
        per=said.get("per", ""),
        when=_condition(said.get("when")),
        unless=_condition(said.get("unless")),
    )


def _column(said: Mapping[str, Any]) -> Column:
    return Column(
        targets=tuple(_target(str(text)) for text in said["to"]),
        split=said.get("split", ""),
        values=said.get("values"),
        join=said.get("join"),
        hours=said.get("hours", False),
        blanks=said.get("blanks", False),
        pattern=said.get("pattern"),
        otherwise=said.get("otherwise", ""),
    )


def _target(text: str) -> Target:
    record, _, field = text.partition(".")
    return Target(record, field)


def _template(said: Any) -> Template:
    return Template(tuple(said) if isinstance(said, list) else (said,))


def _condition(said: Mapping[str, Any] | None) -> Mapping[str, frozenset[str]] | None:
    return None if said is None else {name: frozenset(map(str, it)) for name, it in said.items()}


def _problems(file: FileMapping) -> Iterator[str]:
    for made in file.records.values():
        yield from _record_problems(file, made)
    for name, column in file.columns.items():
        for target in column.targets:
            yield from _target_problems(file, target, f"columns.{name}", whole=column.whole)
    for target, template in file.constants.items():
        place = f"constants.{target.record}.{target.field}"
        yield from _target_problems(file, target, place)
        if target.field == "needs":
            wrong = [text for text in template.texts if text not in NEEDS]
            yield from (f"{file.file}, {place}: {text!r} is no need of ours" for text in wrong)


def _record_problems(file: FileMapping, made: Made) -> Iterator[str]:
    place = f"{file.file}, records.{made.name}"
    if made.kind in _NEEDS_ID and made.id is None:
        yield f"{place}: a record of kind {made.kind} needs an id"
    for name in (*made.refers, *filter(None, [made.per])):
        if name not in file.records:
            yield f"{place}: refers to {name!r}, which is none of the records"


def _target_problems(
    file: FileMapping, target: Target, place: str, *, whole: bool = False
) -> Iterator[str]:
    made = file.records.get(target.record)
    if made is None:
        yield f"{file.file}, {place}: {target.record!r} is none of the records"
    elif bool(target.field) == whole:
        yield f"{file.file}, {place}: write " + ("a record alone" if whole else "record.field")
    elif made.kind == "service" and target.field in CURATED_ONLY:
        yield f"{file.file}, {place}: only a curator can say {target.field}"
