"""Files in the layouts the official ones are published in, made of given places."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from directory.geography import Place

# The headers of ONSPD until 2024 and from 2025, of NSPL (2021 Census) until 2024 and from 2025.
ONSPD: Final = (
    "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,"
    "osgrdind,oshlthau,nhser,ctry,rgn,streg,pcon,eer,teclec,ttwa,pct,itl,statsward,oa01,casward,"
    "npark,lsoa01,msoa01,ur01ind,oac01,oa11,lsoa11,msoa11,wz11,sicbl,bua11,buasd11,ru11ind,oac11,"
    "lat,long,lep1,lep2,pfa,imd,calncv,icb,oa21,lsoa21,msoa21"
)
ONSPD_2025: Final = (
    "PCD7,PCD8,PCDS,DOINTR,DOTERM,cty25cd,ced25cd,lad25cd,wd25cd,parncp25cd,usrtypind,east1m,"
    "north1m,gridind,hlth19cd,nhser24cd,ctry25cd,rgn25cd,pcon24cd,eer20cd,ttwa15cd,itl25cd,"
    "oa01cd,lsoa01cd,msoa01cd,oa11cd,lsoa11cd,msoa11cd,wz11cd,sicbl24cd,bua24cd,ruc11ind,"
    "oac11ind,lat,long,lep21cd1,lep21cd2,pfa23cd,imd20ind,icb23cd,oa21cd,lsoa21cd,msoa21cd"
)
NSPL21: Final = (
    "pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,osgrdind,oa21,cty,ced,laua,ward,"
    "nhser,ctry,rgn,pcon,ttwa,itl,npark,lsoa21,msoa21,wz11,sicbl,bua22,ru11ind,oac11,lat,long,"
    "lep1,lep2,pfa,imd,icb"
)
NSPL_2025: Final = (
    "pcd7,pcd8,pcds,dointr,doterm,usrtypind,east1m,north1m,gridind,oa21cd,cty25cd,ced25cd,"
    "lad25cd,wd25cd,nhser24cd,ctry25cd,rgn25cd,pcon24cd,ttwa15cd,itl25cd,npark16cd,lsoa21cd,"
    "msoa21cd,wz11cd,sicbl24cd,bua24cd,ruc21ind,oac11ind,lat,long,lep21cd1,lep21cd2,pfa23cd,"
    "imd20ind,icb23cd"
)

# Our name of a cell -> the names the layouts have for it.
_CELLS: Final = {
    "pcd7": ("pcd", "PCD7", "pcd7"),
    "pcd8": ("pcd2", "PCD8", "pcd8"),
    "pcds": ("pcds", "PCDS"),
    "doterm": ("doterm", "DOTERM"),
    "lad": ("oslaua", "laua", "lad25cd"),
    "ward": ("osward", "ward", "wd25cd"),
    "lsoa11": ("lsoa11", "lsoa11cd"),
    "lsoa21": ("lsoa21", "lsoa21cd"),
    "lat": ("lat",),
    "long": ("long",),
    "imd": ("imd", "imd20ind"),
}
_CELL_OF: Final = {name: cell for cell, names in _CELLS.items() for name in names}
_UNQUOTED: Final = {"lat", "long", "imd"}
# Columns that nobody reads hold a code, as most of them do.
_OTHER: Final = {"": "E99999999"}

_IMD: Final = "Index of Multiple Deprivation (IMD)"
_RANK: Final = "Rank (where 1 is most deprived)"
_DECILE: Final = "Decile (where 1 is most deprived 10% of LSOAs)"
_DISTRICTS_OF: Final = {2011: 2019, 2021: 2024}

Ranked = tuple[str, str, str, str, int, int]
"""A row of the index: LSOA code and name, code and name of its district, rank, decile."""


def postcode_row(postcode: str, **cells: str) -> dict[str, str]:
    """The cells of a postcode in use; those not given say that there is none."""
    outward, _, inward = postcode.partition(" ")
    return {
        "pcd7": f"{outward:<4}{inward}",
        "pcd8": f"{outward:<4} {inward}",
        "pcds": postcode,
        "lad": "E99999999",
        "ward": "E99999999",
        "lat": "99.999999",
        "long": "0.000000",
        # A rank of another index, of which no decile may be made.
        "imd": "1",
        **cells,
    }


def of_place(place: Place, **cells: str) -> dict[str, str]:
    """The cells of a place."""
    where = {} if place.lat is None else {"lat": f"{place.lat:.6f}", "long": f"{place.lon:.6f}"}
    known = {
        "lad": place.lad_code or "E99999999",
        "ward": place.ward_code or "E99999999",
        "lsoa11": place.lsoa11 or "",
        "lsoa21": place.lsoa21 or "",
        **where,
    }
    assert place.postcode
    return postcode_row(place.postcode, **{**known, **cells})


def postcode_lines(layout: str, rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The lines of a postcode file in a layout: text quoted, numbers not, as ONS writes them."""
    yield f"{layout}\r\n"
    cells = [_CELL_OF.get(name, "") for name in layout.split(",")]
    line = ",".join("%s" if cell in _UNQUOTED else '"%s"' for cell in cells) + "\r\n"
    for row in rows:
        full = {**_OTHER, **row}
        yield line % tuple([full.get(cell, "") for cell in cells])


def postcode_file(layout: str, rows: Iterable[Mapping[str, str]]) -> str:
    """A whole postcode file in a layout."""
    return "".join(postcode_lines(layout, rows))


def imd_file_1(year: int, rows: Iterable[Ranked]) -> str:
    """IMD File 1 of the LSOAs of a year."""
    return _csv([*_areas(year), f"{_IMD} Rank", f"{_IMD} Decile"], _with_commas(rows))


def imd_file_7(year: int, rows: Iterable[Ranked]) -> str:
    """File 7 of the LSOAs of a year, with a BOM: the index and one of its domains."""
    domain = "Education, Skills and Training"
    header = [
        *_areas(year),
        *(f"{what} {of}" for what in (_IMD, domain) for of in ("Score", _RANK, _DECILE)),
    ]
    full = ([*row[:4], "21.5", *row[4:], "17.1", "1,234", 7] for row in _with_commas(rows))
    return "\ufeff" + _csv(header, full)


def names_file(code: str, name: str, names: Mapping[str, str]) -> str:
    """A look-up of names as in the Documents folder, with the columns of such names."""
    return "\ufeff" + _csv([code, name, f"{name}W"], ((*each, "") for each in names.items()))


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """A zip of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _areas(year: int) -> tuple[str, ...]:
    district = f"Local Authority District %s ({_DISTRICTS_OF[year]})"
    return (
        f"LSOA code ({year})",
        f"LSOA name ({year})",
        district % "code",
        district % "name",
    )


def _with_commas(rows: Iterable[Ranked]) -> Iterator[list[Any]]:
    for *area, rank, decile in rows:
        yield [*area, f"{rank:,}", decile]


def _csv(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
