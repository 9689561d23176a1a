"""What this package is made of, as one short text: it differs when any code or data does."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

# What reads and checks sources beside our own code.
_LIBRARIES: Final = ("ijson", "marshmallow", "orjson")
_SUFFIXES: Final = (".py", ".json", ".csv", ".txt")


@lru_cache(1)
def code_version() -> str:
    """SHA-256 of the modules and data of this package and of the versions of what it reads with.

    What was made by other code of ours, or from other data of ours, is made again.
    """
    digest = sha256("\n".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    _add(files("directory"), "directory", digest.update)
    return digest.hexdigest()


def _add(folder: Traversable, name: str, update: Callable[[bytes], None]) -> None:
    for found in sorted(folder.iterdir(), key=lambda it: it.name):
        path = f"{name}/{found.name}"
        if found.is_dir():
            _add(found, path, update)
        elif found.name.endswith(_SUFFIXES):
            content = found.read_bytes()
            update(f"\n{path} {len(content)}\n".encode() + content)
