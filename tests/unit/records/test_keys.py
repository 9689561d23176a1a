"""Keys: boxes open only with the right key in the right place; key files stay private."""

import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.records.keys import KEY_BYTES, KeyProblem, Keys, place

KEYS = Keys.generate()
HERE = place("person.family_name", "Y90001", "p1")


@given(st.binary(max_size=2000))
def test_a_box_opens_to_what_was_put_in(plain: bytes) -> None:
    box = KEYS.seal(plain, HERE)
    assert KEYS.unseal(box, HERE) == plain
    assert len(plain) < 8 or plain not in box


def test_the_same_text_never_makes_the_same_box() -> None:
    assert KEYS.seal(b"Quillfeather", HERE) != KEYS.seal(b"Quillfeather", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        place("person.given_name", "Y90001", "p1"),
        place("person.family_name", "Y90002", "p1"),
        place("person.family_name", "Y90001", "p2"),
        place("person.family_name", "Y90001p1"),
    ],
)
def test_a_box_moved_to_another_column_tenant_or_row_stays_shut(elsewhere: bytes) -> None:
    with pytest.raises(KeyProblem):
        KEYS.unseal(KEYS.seal(b"Quillfeather", HERE), elsewhere)


@given(st.integers(min_value=0, max_value=40), st.integers(min_value=1, max_value=255))
def test_a_changed_box_stays_shut(position: int, change: int) -> None:
    box = bytearray(KEYS.seal(b"Quillfeather", HERE))
    box[position % len(box)] ^= change
    with pytest.raises(KeyProblem):
        KEYS.unseal(bytes(box), HERE)


@pytest.mark.parametrize("length", [0, 3, 4, 10, 16, 20])
def test_a_cut_box_stays_shut(length: int) -> None:
    with pytest.raises(KeyProblem):
        KEYS.unseal(KEYS.seal(b"Quillfeather", HERE)[:length], HERE)


def test_a_previous_key_still_opens_and_the_new_one_seals() -> None:
    box = KEYS.seal(b"Quillfeather", HERE)
    rotated = KEYS.rotated()
    assert rotated.unseal(box, HERE) == b"Quillfeather"
    assert rotated.lookup_hash("9990000018") == KEYS.lookup_hash("9990000018")
    with pytest.raises(KeyProblem, match="not here"):
        KEYS.unseal(rotated.seal(b"Quillfeather", HERE), HERE)


def test_the_lookup_hash_depends_on_the_key() -> None:
    assert KEYS.lookup_hash("9990000018") != Keys.generate().lookup_hash("9990000018")


def test_derived_keys_look_up_the_same_after_a_new_current_key() -> None:
    old, new = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES)
    before, after = Keys.derived((old,)), Keys.derived((new, old))
    assert before.lookup_hash("9990000018") == after.lookup_hash("9990000018")
    assert after.unseal(before.seal(b"x", HERE), HERE) == b"x"


def test_a_key_file_is_private_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = Keys.load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keys.load_or_create(path).unseal(made.seal(b"x", HERE), HERE) == b"x"


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    Keys.create(path)
    before = path.read_bytes()
    with pytest.raises(KeyProblem, match="not overwritten"):
        Keys.create(path)
    assert path.read_bytes() == before


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    Keys.create(path)
    path.chmod(0o640)
    with pytest.raises(KeyProblem, match="600"):
        Keys.load(path)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"encryption": ["?"], "lookup": "?"}', "\x00"]
)
def test_a_damaged_key_file_is_refused_without_its_content(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyProblem, match="not a key file"):
        Keys.load(path)


def test_a_missing_key_file_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="No such file"):
        Keys.load(tmp_path / "keys.json")


@pytest.mark.parametrize(
    ("encryption", "lookup"),
    [
        ((), bytes(KEY_BYTES)),
        ((b"short",), bytes(KEY_BYTES)),
        ((bytes(KEY_BYTES),), b"short"),
        ((bytes(KEY_BYTES),), bytes(KEY_BYTES)),
    ],
)
def test_unfit_keys_are_refused(encryption: tuple[bytes, ...], lookup: bytes) -> None:
    with pytest.raises(KeyProblem):
        Keys(encryption, lookup)


def test_no_key_shows_in_a_repr() -> None:
    key = secrets.token_bytes(KEY_BYTES)
    shown = repr(Keys((key,), secrets.token_bytes(KEY_BYTES)))
    assert key.hex() not in shown
    assert repr(key) not in shown
