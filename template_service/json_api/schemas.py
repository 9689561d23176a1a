"""What the JSON API takes and gives, as marshmallow schemas; OpenAPI is made from them."""

from typing import Any

from marshmallow import Schema, fields, validate

from directory.model import NEEDS

# The oldest verified human age is 122 years; 130 leaves room and refuses a typing slip.
OLDEST = 130
DEFAULT_LIMIT = 3
MOST_PER_NEED = 20


class TrueOrFalse(fields.Boolean):
    """A JSON true or false: marshmallow would also read 1, "on" and their like."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        del attr, data, kwargs
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class MatchRequest(Schema):
    """Who looks for a service, as far as matching needs to know; no name, no identifier."""

    needs = fields.List(
        fields.String(validate=validate.OneOf(sorted(NEEDS), error="Not a need category.")),
        required=True,
        validate=validate.Length(min=1, max=len(NEEDS)),
        metadata={"description": "Need categories, in the order the answer should have."},
    )
    postcode = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=10),
        metadata={
            "description": "Where the person lives. ZZ99 pseudo-postcodes mean no fixed abode: "
            "no distance is given and no area is assumed.",
        },
    )
    age = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, OLDEST),
        metadata={"description": "In years."},
    )
    language = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=60),
        metadata={"description": "The language the person prefers, as the directory writes it."},
    )
    no_public_funds = TrueOrFalse(
        load_default=False,
        metadata={"description": "True leaves out every service that counts as public funds."},
    )
    limit = fields.Integer(
        strict=True,
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(1, MOST_PER_NEED),
        metadata={"description": "The most services for each need."},
    )


class MatchedService(Schema):
    """One service that fits one need, best first."""

    need = fields.String(required=True)
    service_id = fields.String(required=True, attribute="service.id")
    name = fields.String(required=True, attribute="service.name")
    reasons = fields.List(fields.String(), required=True)
    distance_km = fields.Float(required=True, allow_none=True)
    contact = fields.String(required=True)
    freshness = fields.String(
        required=True,
        validate=validate.OneOf(("verified", "check-first")),
        metadata={"description": "`check-first`: no curator has confirmed the details."},
    )
    last_checked = fields.Date(required=True, allow_none=True)


class ExcludedService(Schema):
    """One service that offers the need but does not take this person, and why."""

    service_id = fields.String(required=True)
    name = fields.String(required=True)
    reason = fields.String(required=True)


class MatchAnswer(Schema):
    """Ranked services with reasons, and what was left out with its reason."""

    matches = fields.List(fields.Nested(MatchedService), required=True)
    excluded = fields.List(fields.Nested(ExcludedService), required=True)


class FieldError(Schema):
    """One thing wrong with one place of the request body."""

    pointer = fields.String(
        required=True, metadata={"description": "JSON Pointer (RFC 6901) as a URI fragment."}
    )
    detail = fields.String(required=True)


class ProblemDetails(Schema):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldError))
