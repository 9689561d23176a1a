"""A made-up city for benchmarks: copies of the starter services, each somewhere else."""

import random
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from directory.artefact import CURRENT, open_current, publish
from directory.geography import Geography, Place
from directory.matching import Directory
from directory.model import Service
from directory.starter import build_geography, starter_services

# Degrees; spreads copies of the starter services over the city.
_SPREAD = 0.1
_SEED = 2026
_DAY = date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class City:
    """A published directory of many services, and places people live in."""

    directory: Directory
    file: Path
    services: Sequence[Service]
    places: Sequence[Place]
    draw: random.Random


@contextmanager
def city(count: int) -> Iterator[City]:
    """A city with this many services, the same ones every time."""
    draw = random.Random(_SEED)
    with tempfile.TemporaryDirectory() as folder:
        geography_file = Path(folder) / "geography.sqlite"
        build_geography(geography_file)
        with closing(Geography.open(geography_file)) as geography:
            places = [practice.place for practice in geography.practices()]
            starter = starter_services(geography)
        services = [
            _elsewhere(starter[number % len(starter)], number, places, draw)
            for number in range(count)
        ]
        published = Path(folder) / "directory"
        publish(services, published)
        file = published / (published / CURRENT).read_text(encoding="utf-8").strip()
        with closing(open_current(published)) as directory:
            yield City(directory, file, services, places, draw)


def _elsewhere(
    service: Service, number: int, places: Sequence[Place], draw: random.Random
) -> Service:
    """A copy with its own id and name, some in one ward only, some checked on a day of its own."""
    near = draw.choice(places)
    assert near.lat is not None
    assert near.lon is not None
    checked = _DAY - timedelta(days=draw.randint(0, 700)) if draw.random() < 0.5 else None
    local = near.ward_code is not None and draw.random() < 0.3
    return replace(
        service,
        id=str(uuid.UUID(int=draw.getrandbits(128), version=4)),
        name=f"{service.name} {number}",
        service_area=(str(near.ward_code),) if local else service.service_area,
        lat=near.lat + draw.uniform(-_SPREAD, _SPREAD) if service.lat else None,
        lon=near.lon + draw.uniform(-_SPREAD, _SPREAD) if service.lat else None,
        verified_on=checked,
        review_by=checked and checked + timedelta(days=365),
    )
