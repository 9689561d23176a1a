"""What lies in the folder of aggregates, `<data>/aggregates`.

facts/month=YYYY-MM/       the facts of a month, until it is closed
population/                registered lists
indicators/                imported Marmot indicators
cubes/YYYY-MM.parquet      a closed month: frozen cells, never changed
releases/<id>/             a release: release.json, figures, documents; never changed
rounding-key               the secret of the rounding (`rounding_key`)
"""

from pathlib import Path
from typing import Final

FOLDER: Final = "aggregates"
CUBES: Final = "cubes"
RELEASES: Final = "releases"
REGISTERED: Final = "population/registered.parquet"


def closed_months(folder: Path) -> tuple[str, ...]:
    """The closed months of a folder of aggregates, oldest first."""
    return tuple(sorted(path.stem for path in (folder / CUBES).glob("*.parquet")))
