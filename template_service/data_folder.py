"""What lies in the data folder, and how a first start makes what is missing there.

records.sqlite     the records (and its -wal, -shm and .lock)
keys.json          encryption keys, unless TEMPLATE_SERVICE_ENCRYPTION_KEYS is set
cookie-key         key of the form cookie, unless TEMPLATE_SERVICE_SECRET_KEY is set
directory/         published directories, immutable, and which one is current; the working copy of
                   the curators (working.sqlite, and its -wal and -shm)
geography.sqlite   postcodes, areas, practices
"""

import os
import secrets
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from directory import artefact
from directory.artefact_file import DirectoryDamaged, NestedDocument
from directory.geography import Geography, GeographyDamaged
from directory.kept import KeptDirectory
from directory.matching import Directory
from directory.starter import build_geography, starter_services
from template_service import clock
from template_service.errors import Unavailable
from template_service.records.keys import Keys
from template_service.records.store import Store
from template_service.settings import KEY_BYTES, Settings

DIRECTORY: Final = "directory"
GEOGRAPHY: Final = "geography.sqlite"

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy


def prepare(data: Path) -> None:
    """Makes the folder, for its owner only; raises Unavailable naming the folder."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise Unavailable(f"{data}: {problem.strerror}") from None


def open_store(settings: Settings, *, durable: bool = True) -> Store:
    """The records, brought to this version's schema; see `Store.open` for `durable`."""
    prepare(settings.data)
    store = Store.open(settings.data / "records.sqlite", _keys(settings), durable=durable)
    store.migrate()
    return store


def open_geography(settings: Settings) -> Geography:
    """The geography tables; the starter tables of Leeds where there are none yet."""
    prepare(settings.data)
    path = settings.data / GEOGRAPHY
    try:
        if not path.exists():
            build_geography(path)
        return Geography.open(path)
    except GeographyDamaged as damage:
        raise Unavailable(f"{path}: {damage}") from None


def open_directory(settings: Settings, geography: Geography) -> Directory:
    """The current published directory; the starter directory of Leeds where there is none yet."""
    return keep_directory(settings, geography).current()


def keep_directory(settings: Settings, geography: Geography) -> KeptDirectory:
    """As `open_directory`, followed: what is published later is found by `current`."""
    folder = settings.data / DIRECTORY
    try:
        if not (folder / artefact.CURRENT).exists():
            publish_starter_directory(settings, geography)
        return KeptDirectory(folder)
    except DirectoryDamaged as damage:
        raise Unavailable(f"{folder}: {damage}") from None


def publish_starter_directory(settings: Settings, geography: Geography) -> str:
    """Publishes the starter directory of Leeds and makes it current; gives its version.

    It is the version that a working copy publishes in which nobody has changed anything.
    """
    # marshmallow is slow to import, and a directory is there from the first start on.
    from directory.open_referral.json_nesting import documents  # noqa: PLC0415
    from directory.open_referral.service_lens import records_of_all  # noqa: PLC0415
    from directory.working_copy.starting import STARTER  # noqa: PLC0415

    services = starter_services(geography)
    nested = (
        NestedDocument(kind, document_id, orjson.dumps(content))
        for kind, document_id, content in documents(records_of_all(services), STARTER)
    )
    return artefact.publish(services, settings.data / DIRECTORY, nested=nested)


def has_working_copy(settings: Settings) -> bool:
    """Whether somebody has begun to curate."""
    return working_copy_file(settings).exists()


def open_working_copy(settings: Settings, geography: Geography | None = None) -> "WorkingCopy":
    """The working copy of the curators; a new one begins with the starter directory of Leeds.

    `geography` is that of the folder, where it is open already. Raises the `WorkingCopyProblem`s of
    `directory.working_copy`, and Unavailable (geography).
    """
    # marshmallow and sqlite-utils are slow to import, and only curators need them.
    from directory.open_referral.service_lens import in_context  # noqa: PLC0415
    from directory.working_copy.starting import open_or_start  # noqa: PLC0415

    prepare(settings.data)
    opened = geography or open_geography(settings)
    try:
        return open_or_start(
            working_copy_file(settings),
            lambda: starter_services(opened),
            now=clock.now(),
            context=in_context(areas=_areas(opened), today=clock.today()),
        )
    finally:
        if geography is None:
            opened.close()


def cookie_key(settings: Settings) -> bytes:
    """The key of the form cookie: the setting, else a random key kept in the data folder."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.data / "cookie-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        key = secrets.token_bytes(KEY_BYTES)
        file.write(key)
    return key


def working_copy_file(settings: Settings) -> Path:
    """Where the working copy of the curators is, or will be."""
    return settings.data / DIRECTORY / "working.sqlite"


def _areas(geography: Geography) -> dict[str, str]:
    """The code of each area by its name; a name that several have says nothing."""
    names = geography.area_names()
    times = Counter(name.casefold() for name in names.values())
    return {name: code for code, name in names.items() if times[name.casefold()] == 1}


def _keys(settings: Settings) -> Keys:
    if settings.encryption_keys:
        return Keys.derived(settings.encryption_keys)
    return Keys.load_or_create(settings.data / "keys.json")
