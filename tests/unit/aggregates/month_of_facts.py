"""Facts of a month laid where they are closed, and what each says, read the plainest way."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def lay_down(folder: Path, month: str, *parts: pa.Table) -> None:
    """Put the facts of a month where an import puts them, a file for each part."""
    place = folder / "facts" / f"month={month}"
    place.mkdir(parents=True)
    for number, part in enumerate(parts):
        pq.write_table(part, place / f"part-{number}.parquet")


def true_of(fact: Mapping[str, Any]) -> set[str]:
    """The indicators that a fact counts in; flags are numbers or digits."""
    state = fact["state"]
    found = {name for name in ("signposted", "referred") if int(fact[name])}
    found |= {"asked"} if state in {"no-need", "need", "unsure", "declined"} else set()
    found |= {"declined", "need"} & {state}
    found |= {"not_offered"} if state == "not-offered" else set()
    if state == "need" and fact["wants_help"] in {"yes-now", "later"}:
        found.add("wants_help")
    if fact["outcome"] in {"resolved", "partly"}:
        found.add("helped")
    return found
