"""The folder of a demonstration: made beside its place, moved there whole, and used again."""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from template_service import __version__
from template_service.demo.building import SignIn, build_demo
from template_service.errors import ServiceError
from template_service.service import open_service
from template_service.settings import Settings

MARK = "demo.json"
SEED = 20_261_122
PEOPLE = 1200


class NotADemo(ServiceError):
    """The folder holds something else, which this demonstration must not replace."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A prepared demonstration: where it is and how to sign in."""

    data: Path
    sign_ins: tuple[SignIn, ...]


def prepare_demo(
    settings: Settings, *, people: int | None, progress: Callable[[Iterable[int]], Iterable[int]]
) -> Demo:
    """The demonstration in `settings.data`, built when nothing is there.

    `people` is how many to make up; None takes whoever is there, or a new PEOPLE. What somebody did
    in a demonstration is never thrown away: raises NotADemo when the folder holds another one, or
    anything else.
    """
    found = _read(settings.data)
    if found is not None:
        _check_is_same(settings.data, found["made"], people)
        return Demo(settings.data, tuple(SignIn(**each) for each in found["sign_ins"]))
    people = people or PEOPLE
    made = {"version": __version__, "people": people, "seed": SEED}
    unfinished = settings.data.with_name(f"{settings.data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    service = open_service(replace(settings, data=unfinished), durable=False)
    try:
        sign_ins = build_demo(service, people=people, seed=SEED, progress=progress)
    finally:
        service.close()
    _write(unfinished, {"made": made, "sign_ins": [asdict(each) for each in sign_ins]})
    unfinished.replace(settings.data)
    return Demo(settings.data, sign_ins)


def _check_is_same(folder: Path, made: dict[str, Any], people: int | None) -> None:
    other = ""
    if made["version"] != __version__:
        other = f"made by version {made['version']}"
    elif people not in {None, made["people"]}:
        other = f"of {made['people']:,} people"
    if other:
        raise NotADemo(
            f"{folder} holds a demonstration {other}: name another folder with --data,"
            " or delete it with all that was done in it"
        )


def _read(folder: Path) -> dict[str, Any] | None:
    """What was prepared in a folder, or None where there is nothing yet."""
    if not folder.exists() or not any(folder.iterdir()):
        return None
    try:
        found = orjson.loads((folder / MARK).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise NotADemo(
            f"{folder} is not a demonstration; name an empty folder with --data"
        ) from None
    return dict(found)


def _write(folder: Path, document: dict[str, Any]) -> None:
    """Keep how it was made and the made-up accounts, readable by the owner only."""
    file = os.open(folder / MARK, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as stream:
        stream.write(orjson.dumps(document))
