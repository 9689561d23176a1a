"""A release written by hand, over closed months written by hand: what it allows is what it says."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from template_service.aggregates.folder import RELEASES

MADE_AT = "2026-11-22T09:30:00+00:00"


def write_release(
    folder: Path, months: Sequence[str], periods: Sequence[str], *, number: int = 1
) -> None:
    """Put a release of closed months where releases are kept, as a whole."""
    half = folder / f"release-{number}"
    half.mkdir()
    document = {
        "id": f"{months[-1]}-{number:03}",
        "number": number,
        "made_at": MADE_AT,
        "months": list(months),
        "periods": list(periods),
    }
    (half / "release.json").write_bytes(orjson.dumps(document))
    (folder / RELEASES).mkdir(exist_ok=True)
    half.rename(folder / RELEASES / str(document["id"]))
