"""How many people object to the use of their answers in figures: of the whole city only."""

from pathlib import Path
from typing import Final

import orjson

from template_service.aggregates.durable import held_alone, sync, workplace
from template_service.aggregates.figure_rules import FEWEST
from template_service.aggregates.vocabulary import BASE
from template_service.errors import Unavailable

OBJECTIONS: Final = "objections"


def keep_objections(folder: Path, month: str, people: int) -> None:
    """Keep how many people objected when the facts of a month were sealed, whole or not at all."""
    kept = folder / OBJECTIONS
    with held_alone(kept), workplace(kept) as work:
        half = work / f"{month}.json"
        half.write_bytes(orjson.dumps({"people": people}))
        sync(half)
        half.replace(kept / half.name)
        sync(kept)


def objections(folder: Path, month: str) -> str | None:
    """The same as a release tells it: `fewer than 8`, or rounded down to a multiple of 5.

    None where nobody kept it, as with facts of another system. Raises `Unavailable` for a file that
    cannot be read.
    """
    path = folder / OBJECTIONS / f"{month}.json"
    try:
        people = int(orjson.loads(path.read_bytes())["people"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise Unavailable(f"{path.name}: the number of objections cannot be read") from None
    return f"{people // BASE * BASE}" if people >= FEWEST else f"fewer than {FEWEST}"
