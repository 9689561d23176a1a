"""Other words for what people type ("kids" for children), from `data/synonyms.json`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson

_FILE: Final = Path(__file__).parents[1] / "data" / "synonyms.json"

# A word as typed, to words or phrases that services use for the same thing.
ALTERNATIVES: Final[Mapping[str, tuple[str, ...]]] = {
    word: tuple(others) for word, others in orjson.loads(_FILE.read_bytes()).items()
}
