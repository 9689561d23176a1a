"""The keys: identity is encrypted with AES-256-GCM and found again by a keyed hash."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection

from template_service.errors import ServiceError

KEY_BYTES = 32
# NIST SP 800-38D section 8.2: a random 96-bit nonce is safe for 2**32 messages under one key.
_NONCE_BYTES = 12
_KEY_ID_BYTES = 4
_OPTION = "template_service_keys"


class KeyProblem(ServiceError):
    """A key cannot be used, or none opens what the store holds; never carries key material."""


class Keys:
    """The encryption keys, current first, and the separate key of the NHS number's hash.

    A box is `key id (4 bytes) | nonce (12) | ciphertext and tag`; the key id is the start of the
    key's SHA-256, so a previous key is found without being named anywhere.
    """

    __slots__ = ("_ciphers", "_current_id", "_encryption", "_lookup")

    def __init__(self, encryption: tuple[bytes, ...], lookup: bytes) -> None:
        if not encryption:
            raise KeyProblem("There is no encryption key")
        if any(len(key) != KEY_BYTES for key in (*encryption, lookup)):
            raise KeyProblem(f"Every key is {KEY_BYTES} bytes long")
        if lookup in encryption:
            raise KeyProblem("The lookup key must not be an encryption key")
        self._encryption = encryption
        self._lookup = lookup
        self._ciphers = {_key_id(key): AESGCM(key) for key in encryption}
        self._current_id = _key_id(encryption[0])

    def __repr__(self) -> str:
        return f"Keys({len(self._encryption)} encryption keys, 1 lookup key)"

    @classmethod
    def generate(cls) -> "Keys":
        """New random keys."""
        return cls((secrets.token_bytes(KEY_BYTES),), secrets.token_bytes(KEY_BYTES))

    @classmethod
    def derived(cls, encryption: tuple[bytes, ...]) -> "Keys":
        """Keys given as encryption keys only, current first, oldest last.

        The lookup key is derived (HKDF, RFC 5869) from the oldest, which stays as long as anything
        it encrypted is kept; so adding a new current key changes no hash.
        """
        if not encryption:
            raise KeyProblem("There is no encryption key")
        derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"nhs-number-lookup")
        return cls(encryption, derive.derive(encryption[-1]))

    @classmethod
    def create(cls, path: Path) -> "Keys":
        """New keys, written to a new file that only its owner can read.

        Raises `KeyProblem` if the file exists: keys are never overwritten.
        """
        keys = cls.generate()
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyProblem("The key file exists already; it is not overwritten") from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(keys.as_json())
            file.flush()
            os.fsync(file.fileno())
        return keys

    @classmethod
    def load(cls, path: Path) -> "Keys":
        """The keys of a key file; raises `KeyProblem` if missing, damaged or open to others."""
        try:
            if path.stat().st_mode & 0o077:
                raise KeyProblem("Others can read the key file; set its mode to 600")
            document = orjson.loads(path.read_bytes())
            encryption = tuple(
                base64.b64decode(key, validate=True) for key in document["encryption"]
            )
            lookup = base64.b64decode(document["lookup"], validate=True)
        except OSError as error:
            raise KeyProblem(f"The key file cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise KeyProblem("The key file is not a key file") from None
        return cls(encryption, lookup)

    @classmethod
    def load_or_create(cls, path: Path) -> "Keys":
        """The keys of a key file, made now if there is none yet."""
        return cls.load(path) if path.exists() else cls.create(path)

    def rotated(self) -> "Keys":
        """The same keys behind a new current one; what the old ones encrypted stays readable."""
        return Keys((secrets.token_bytes(KEY_BYTES), *self._encryption), self._lookup)

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """A box of `plain` that opens only at `place` (column, organisation and row)."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._ciphers[self._current_id]
        return self._current_id + nonce + cipher.encrypt(nonce, plain, place)

    def unseal(self, box: bytes, place: bytes) -> bytes:
        """What a box holds. Raises `KeyProblem` if no key fits, or the box was changed or moved."""
        cipher = self._ciphers.get(box[:_KEY_ID_BYTES])
        if cipher is None:
            raise KeyProblem("A record was encrypted with a key that is not here")
        nonce = box[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        try:
            return cipher.decrypt(nonce, box[_KEY_ID_BYTES + _NONCE_BYTES :], place)
        except (InvalidTag, ValueError):
            raise KeyProblem("An encrypted record was changed or moved") from None

    def lookup_hash(self, text: str) -> bytes:
        """The HMAC-SHA256 by which an NHS number is found without being readable, 32 bytes."""
        return hmac.digest(self._lookup, text.encode(), "sha256")

    def as_json(self) -> bytes:
        """The content of a key file."""
        return orjson.dumps(
            {
                "encryption": [base64.b64encode(key).decode() for key in self._encryption],
                "lookup": base64.b64encode(self._lookup).decode(),
            }
        )


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:_KEY_ID_BYTES]


def options_with(keys: Keys) -> dict[str, Keys]:
    """Execution options by which the keys travel with a connection, so no signature has them."""
    return {_OPTION: keys}


def keys_of(conn: Connection) -> Keys:
    """The keys of the store that a connection belongs to."""
    keys = conn.get_execution_options()[_OPTION]
    assert isinstance(keys, Keys)  # noqa: S101 -- Store puts nothing else there
    return keys


def place(column: str, organisation_id: str, *row_id: str | int) -> bytes:
    """The associated data of a box: moved to another column, organisation or row, it stays shut."""
    return "\x1f".join((column, organisation_id, *map(str, row_id))).encode()


def seal_text(keys: Keys, value: str | None, where: bytes) -> bytes | None:
    """A box of a text, or None for no text."""
    return None if value is None else keys.seal(value.encode(), where)


def unseal_text(keys: Keys, box: bytes | None, where: bytes) -> str | None:
    """The text of a box, or None where there is none."""
    return None if box is None else keys.unseal(box, where).decode()
