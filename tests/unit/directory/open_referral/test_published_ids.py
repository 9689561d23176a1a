"""Published ids: a record's own where it is a UUID, else the UUIDv5 that RFC 9562 makes of it."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from directory.open_referral.records import _NAMESPACE, uuid_of


@given(st.text(st.characters(codec="utf-8")), st.text(max_size=40, alphabet="aF0-{}:"))
def test_an_id_that_is_no_uuid_gets_one_made_of_the_three(source: str, record_id: str) -> None:
    try:
        wanted = UUID(record_id)
    except ValueError:
        wanted = uuid5(_NAMESPACE, f"{source}/service/{record_id}")
    assert uuid_of(source, "service", record_id) == str(wanted)


@given(st.uuids())
def test_a_uuid_stays_however_it_is_written(own: UUID) -> None:
    for written in (str(own), str(own).upper(), own.hex, own.urn, f"{{{own}}}"):
        assert uuid_of("any", "service", written) == str(own)
