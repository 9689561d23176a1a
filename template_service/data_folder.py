"""What lies in the data folder, and how a first start makes what is missing there.

records.sqlite     the records (and its -wal, -shm and .lock)
keys.json          encryption keys, unless TEMPLATE_SERVICE_ENCRYPTION_KEYS is set
cookie-key         key of the form cookie, unless TEMPLATE_SERVICE_SECRET_KEY is set
directory/         published directories, immutable, and which one is current
geography.sqlite   postcodes, areas, practices
"""

import os
import secrets
from pathlib import Path

from directory import artefact
from directory.artefact_file import DirectoryDamaged
from directory.geography import Geography, GeographyDamaged
from directory.matching import Directory
from directory.starter import build_geography, starter_services
from template_service.errors import Unavailable
from template_service.records.keys import Keys
from template_service.records.store import Store
from template_service.settings import KEY_BYTES, Settings


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
    path = settings.data / "geography.sqlite"
    try:
        if not path.exists():
            build_geography(path)
        return Geography.open(path)
    except GeographyDamaged as damage:
        raise Unavailable(f"{path}: {damage}") from None


def open_directory(settings: Settings, geography: Geography) -> Directory:
    """The current published directory; the starter directory of Leeds where there is none yet."""
    folder = settings.data / "directory"
    try:
        if not (folder / artefact.CURRENT).exists():
            publish_starter_directory(settings, geography)
        return artefact.open_current(folder)
    except DirectoryDamaged as damage:
        raise Unavailable(f"{folder}: {damage}") from None


def publish_starter_directory(settings: Settings, geography: Geography) -> str:
    """Publishes the starter directory of Leeds and makes it current; gives its version."""
    return artefact.publish(starter_services(geography), settings.data / "directory")


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


def _keys(settings: Settings) -> Keys:
    if settings.encryption_keys:
        return Keys.derived(settings.encryption_keys)
    return Keys.load_or_create(settings.data / "keys.json")
