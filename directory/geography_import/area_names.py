"""The names of wards and local authorities, from the look-ups in the Documents folder of ONS zips.

They are called "Ward names and codes UK as at 05_25.csv" or "LAD Local Authority District names and
codes UK as at 04_25.csv", with the columns `WD25CD`, `WD25NM` or `LAD25CD`, `LAD25NM`.
"""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Final

from directory.geography_import.columns import place_of_column
from directory.geography_import.sources import GeographyRefused, SourceFile, reasons, rows_of

WARD: Final = "ward"
DISTRICT: Final = "local authority"

# Older wards (CAS, statistical) have look-ups of their own, with other first words.
_FILES: Final = {
    WARD: re.compile(r"(wd )?wards? names and codes.*\.csv"),
    DISTRICT: re.compile(r"(lad )?(la_ua|local authority districts?) names and codes.*\.csv"),
}
_COLUMNS: Final = {
    WARD: (r"wd\d\dcd", r"wd\d\dnm"),
    DISTRICT: (r"lad\d\dcd", r"lad\d\dnm"),
}
# Look-ups have been published in Windows-1252; an accent is no reason to refuse the postcodes.
_OLDER_ENCODING: Final = "cp1252"
# Bytes. All wards of the United Kingdom take less than a tenth of it.
_LARGEST: Final = 16 * 1024**2


def names_of_areas(files: Iterable[SourceFile]) -> Mapping[str, Mapping[str, str]]:
    """Kind of area -> code -> name, from those of the files that are look-ups of names.

    Raises GeographyRefused where one of them cannot be read.
    """
    found: dict[str, dict[str, str]] = {WARD: {}, DISTRICT: {}}
    for file in files:
        base = file.path.rpartition("/")[2].casefold()
        for kind, pattern in _FILES.items():
            if pattern.fullmatch(base):
                found[kind].update(_names(file, kind))
    return found


def _names(file: SourceFile, kind: str) -> Mapping[str, str]:
    with rows_of(_in_utf8(file)) as rows:
        code, name = (place_of_column(rows.headers, pattern) for pattern in _COLUMNS[kind])
        if code is None or name is None:
            return {}
        longest = max(code, name)
        return {
            row[code].strip(): " ".join(row[name].split())
            for row in rows
            if len(row) > longest and row[name].strip()
        }


def _in_utf8(file: SourceFile) -> SourceFile:
    with reasons(file.name), file.open() as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise GeographyRefused(f"{file.name} is far larger than a look-up of names")
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = content.decode(_OLDER_ENCODING, errors="replace").encode()
    return SourceFile(file.name, file.path, len(content), lambda: io.BytesIO(content))
