"""Content-Type, Accept, _format and Prefer."""

import pytest

from template_service.fhir_api.negotiation import (
    Preference,
    preference,
    sends_json,
    wants_json,
)


@pytest.mark.parametrize(
    ("content_type", "read"),
    [
        ("application/fhir+json", True),
        ("application/json", True),
        ("Application/FHIR+JSON; charset=UTF-8", True),
        ("application/fhir+json; fhirVersion=4.0", True),
        ("application/fhir+json; fhirVersion=3.0", False),
        ("application/json; charset=latin-1", False),
        ("application/fhir+xml", False),
        ("text/plain", False),
        ("", False),
        (None, False),
    ],
)
def test_only_fhir_json_of_r4_is_read(content_type: str | None, read: bool) -> None:
    assert sends_json(content_type) is read


@pytest.mark.parametrize(
    ("accept", "satisfied"),
    [
        (None, True),
        ("", True),
        ("*/*", True),
        ("application/fhir+json", True),
        ("application/fhir+json; fhirVersion=4.0", True),
        ("application/fhir+xml, application/json;q=0.5", True),
        ("text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("application/fhir+xml", False),
        ("text/html", False),
        ("application/fhir+json;q=0", False),
        ("application/fhir+json; fhirVersion=5.0", False),
        (";;,,", False),
    ],
)
def test_accept_is_honoured(accept: str | None, satisfied: bool) -> None:
    assert wants_json(accept, None) is satisfied


@pytest.mark.parametrize(
    ("wanted", "satisfied"),
    [("json", True), ("application/fhir json", True), ("xml", False), ("ttl", False)],
)
def test_format_overrides_accept(wanted: str, satisfied: bool) -> None:
    assert wants_json("application/fhir+xml", wanted) is satisfied
    assert wants_json("application/fhir+json", wanted) is satisfied


@pytest.mark.parametrize(
    ("prefer", "asked"),
    [
        (None, None),
        ("return=minimal", Preference.MINIMAL),
        ("return=representation", Preference.REPRESENTATION),
        ("handling=lenient, return=OperationOutcome", Preference.OUTCOME),
        ("return=minimal; handling=strict", Preference.MINIMAL),
        ("return=everything", None),
        ("respond-async", None),
    ],
)
def test_prefer_is_read(prefer: str | None, asked: Preference | None) -> None:
    assert preference(prefer) is asked
