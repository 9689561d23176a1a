"""The postcodes of the whole country: imported from a zip as ONS publishes it, and looked up.

python -m tests.bench.geography WHAT FOLDER     what a process of its own runs; prints JSON
"""

import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Final

from directory.geography import Geography
from directory.geography_import.importing import OfficialFiles, import_geography
from tests.bench.figures import Figure, interleaved, seconds
from tests.unit.directory.geography_import.official import (
    ONSPD_2025,
    Ranked,
    imd_file_7,
    postcode_lines,
    postcode_row,
)

IMPORT_GOAL_S: Final = 60
LOOKUP_GOAL_US: Final = 20

POSTCODES: Final = 2_600_000
_LSOAS: Final = 33_755
_DISTRICTS: Final = 309
_WARDS: Final = 8_441
# About the share in the ONS Postcode Directory.
_TERMINATED: Final = 0.32
_SEED: Final = 2026
_RUNS: Final = 3
_LOOKED_UP: Final = 5_000
_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"
_PEAK: Final = re.compile(r"VmHWM:\s+(\d+) kB")


def geography_import_s() -> Iterator[Figure]:
    """2.6 million postcodes in a zip to proved tables; memory of it; then one postcode looked up.

    The peer is DuckDB, which reads the same CSV, unpacked, into a table of the same columns.
    """
    taken: dict[str, list[dict[str, float]]] = {"import": [], "duckdb": []}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _write(place)
        for _ in range(_RUNS):
            for what, runs in taken.items():
                runs.append(_measured(what, place))
        yield from _looked_up(place)
    medians = {
        what: statistics.median(run["seconds"] for run in runs) for what, runs in taken.items()
    }
    ours = medians["import"]
    memory = max(run["mb"] for run in taken["import"])
    yield Figure(
        figure="geography_import_s",
        value=round(ours, 1),
        unit="s",
        goal=f"<= {IMPORT_GOAL_S}",
        met=ours <= IMPORT_GOAL_S,
        peers={"duckdb reading alone": round(medians["duckdb"] / ours, 2)},
        runs=_RUNS,
    )
    yield Figure(
        figure="geography_import_mb",
        value=round(memory),
        unit="MB",
        goal="none set",
        met=True,
        runs=_RUNS,
    )


def _looked_up(place: Path) -> Iterator[Figure]:
    geography = Geography.open(place / "geography.sqlite")
    postcodes = random.Random(_SEED).choices([*_postcodes()], k=_LOOKED_UP)

    def look_up() -> None:
        for postcode in postcodes:
            geography.place(postcode)

    medians = interleaved({"ours": lambda: seconds(look_up, 1) / len(postcodes) * 1e6})
    geography.close()
    yield Figure(
        figure="postcode_lookup_national_us",
        value=round(medians["ours"], 1),
        unit="us",
        goal=f"<= {LOOKUP_GOAL_US}",
        met=medians["ours"] <= LOOKUP_GOAL_US,
    )


def _measured(what: str, folder: Path) -> dict[str, float]:
    """Seconds and peak MB of the work in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.geography", what, str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def _write(folder: Path) -> None:
    with (folder / "ONSPD.csv").open("w", newline="") as file:
        file.writelines(postcode_lines(ONSPD_2025, _rows()))
    with zipfile.ZipFile(folder / "ONSPD.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.write(folder / "ONSPD.csv", "Data/ONSPD_AUG_2025_UK.csv")
    (folder / "imd.csv").write_text(imd_file_7(2021, _index()))


def _rows() -> Iterator[dict[str, str]]:
    """Made-up postcodes in the order of ONS, across as many areas as England has."""
    draw = random.Random(_SEED)
    for count, postcode in enumerate(_postcodes()):
        area = count * _LSOAS // POSTCODES
        yield postcode_row(
            postcode,
            doterm="201006" if draw.random() < _TERMINATED else "",
            lad=f"E07{area * _DISTRICTS // _LSOAS:06}",
            ward=f"E05{area * _WARDS // _LSOAS:06}",
            lsoa11=f"E01{area:06}",
            lsoa21=f"E01{area:06}",
            lat=f"{50 + 5 * draw.random():.6f}",
            long=f"{-3 + 4 * draw.random():.6f}",
        )


def _postcodes() -> Iterator[str]:
    districts = sorted(f"{number}" for number in range(1, 30))
    parts = product(_LETTERS, _LETTERS, districts, range(10), _LETTERS, _LETTERS)
    for _, (first, second, district, sector, unit, last) in zip(
        range(POSTCODES), parts, strict=False
    ):
        yield f"{first}{second}{district} {sector}{unit}{last}"


def _index() -> Iterator[Ranked]:
    for area in range(_LSOAS):
        district = area * _DISTRICTS // _LSOAS
        decile = area * 10 // _LSOAS + 1
        yield f"E01{area:06}", f"{area}", f"E07{district:06}", f"{district}", area + 1, decile


def _import(folder: Path) -> None:
    files = OfficialFiles(folder / "ONSPD.zip", folder / "imd.csv")
    report = import_geography(folder / "geography.sqlite", files)
    if report.postcodes.imported != POSTCODES:
        raise RuntimeError(f"Not every postcode was imported: {report}")


def _duckdb(folder: Path) -> None:
    import duckdb

    with duckdb.connect(folder / "peer.duckdb") as peer:
        peer.execute(
            "CREATE OR REPLACE TABLE postcode AS SELECT PCDS, DOTERM, lad25cd, wd25cd, lsoa11cd,"  # noqa: S608
            " lsoa21cd, lat::DOUBLE AS lat, long::DOUBLE AS lon"
            f" FROM read_csv('{folder / 'ONSPD.csv'}', all_varchar = true)"
        )


_WORK: Final = {"import": _import, "duckdb": _duckdb}

if __name__ == "__main__":
    started = time.perf_counter()
    _WORK[sys.argv[1]](Path(sys.argv[2]))
    spent = time.perf_counter() - started
    peak = _PEAK.search(Path("/proc/self/status").read_text())
    print(json.dumps({"seconds": spent, "mb": int(peak[1]) / 1024 if peak else 0}))  # noqa: T201
