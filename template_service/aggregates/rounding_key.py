"""The secret that decides which way counts are rounded; it never leaves the server.

Who had it could round guesses until they give what was published. Who loses it can close no more
months beside the old ones: a month drawn with another key would be a second, independent look.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from template_service.aggregates.durable import sync
from template_service.errors import Unavailable

_BYTES: Final = 32
_PRINT: Final = 8
_FILE: Final = "rounding-key"
_FINGERPRINT: Final = b"fingerprint of the rounding key"


class RoundingKey:
    """The key of one deployment."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def fingerprint(self) -> str:
        """Tells keys apart without telling the key: 16 hex digits of an HMAC-SHA256."""
        return hmac.new(self._secret, _FINGERPRINT, hashlib.sha256).hexdigest()[:16]

    def generator(self, *about: str) -> np.random.Generator:
        """The random numbers for one piece of work, the same for the same words."""
        text = "\x1f".join(about).encode()
        seed = hmac.new(self._secret, text, hashlib.sha256).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))

    def fingerprints(self, year: str, persons: Iterable[str]) -> NDArray[np.uint64]:
        """Tells people apart within a year, and nothing else of them: 64 bits of an HMAC-SHA256.

        Nobody without the key can try out ids, and nothing joins the years.
        """
        begun = hmac.new(self._secret, f"person\x1f{year}\x1f".encode(), hashlib.sha256)
        prints = bytearray()
        for person in persons:
            # Beginning anew for each would take three times as long.
            each = begun.copy()
            each.update(person.encode())
            prints += each.digest()[:_PRINT]
        return np.frombuffer(prints, "<u8")

    @classmethod
    def open(cls, folder: Path, expected: str | None) -> "RoundingKey":
        """The key kept in a folder; a new one if no month was closed before (`expected` None).

        Raises `Unavailable` when the key is missing, damaged, open to others, or not the one whose
        fingerprint is expected.
        """
        path = folder / _FILE
        if not path.exists() and expected is None:
            return cls._create(path)
        try:
            if path.stat().st_mode & 0o077:
                raise Unavailable(f"{path}: others can read the rounding key; set its mode to 600")
            secret = bytes.fromhex(path.read_text().strip())
        except OSError as problem:
            raise Unavailable(
                f"{path}: the rounding key cannot be read: {problem.strerror}"
            ) from None
        except ValueError:
            secret = b""
        # An empty file, as a crash may leave it, is hexadecimal too: anybody could draw with that.
        if len(secret) != _BYTES:
            raise Unavailable(f"{path}: this is no rounding key")
        key = cls(secret)
        if expected is not None and key.fingerprint != expected:
            raise Unavailable(
                f"{path}: months were closed with another key ({expected}); put that one back"
            )
        return key

    @classmethod
    def _create(cls, path: Path) -> "RoundingKey":
        key = secrets.token_bytes(_BYTES)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(key.hex())
            file.flush()
            os.fsync(file.fileno())
        sync(path.parent)
        return cls(key)
