"""A reason that is read again says what it was made of, so that its cause can be told."""

import pytest

from directory.working_copy.dangling import Dangling


@pytest.mark.parametrize("refused", [True, False])
@pytest.mark.parametrize(
    "record_id", ["7", "two words", "a\nb", "x is not there", "y was not taken"]
)
def test_what_was_worded_is_read(record_id: str, refused: bool) -> None:
    made = Dangling("organization_id", "organization", record_id, refused)
    assert Dangling.read(str(made)) == made


@pytest.mark.parametrize("reason", ["id: missing", "name: missing; email: not an e-mail address"])
def test_another_reason_is_none_of_these(reason: str) -> None:
    assert Dangling.read(reason) is None
