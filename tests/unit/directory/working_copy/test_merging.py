"""Merging: what the source did not change stays, what is not free waits, the rest is taken over."""

from hypothesis import given
from hypothesis import strategies as st

from directory.working_copy.merging import merge

_fields = st.dictionaries(st.sampled_from("abcd"), st.sampled_from([1, 2, None, "x"]))


@given(held=_fields, said=_fields, says=_fields, free=st.frozensets(st.sampled_from("abcd")))
def test_each_field_is_taken_or_kept_and_waits(
    held: dict[str, object], said: dict[str, object], says: dict[str, object], free: frozenset[str]
) -> None:
    fields, waiting = merge(held, said, says, free.__contains__)
    for name in "abcd":
        kept = (name in fields, fields.get(name))
        before, after = (name in said, said.get(name)), (name in says, says.get(name))
        was = (name in held, held.get(name))
        if before != after and name in free:
            assert kept == after
        else:
            assert kept == was
        assert (name in waiting) == (before != after != was and name not in free)
