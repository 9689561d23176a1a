"""Questionnaires that a deployer added, and what was done to the library, in order.

A version is never changed or removed: what was answered with it must stay readable. Whether it may
still be used for new responses is what was done to it last. Nothing here is about a person.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from template_service.errors import Unavailable
from template_service.records import tables
from template_service.records.prepared import Prepared


class Key(NamedTuple):
    """What names one version of a questionnaire; `version` is empty where it names none."""

    url: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedQuestionnaire:
    """What is known of an added questionnaire without reading it; blank where it says nothing."""

    url: str
    version: str
    resource_id: str
    title: str
    status: str
    date: str

    @property
    def key(self) -> Key:
        """What names it."""
        return Key(self.url, self.version)

    @property
    def naming(self) -> dict[str, str]:
        """What a resource id is worked out from, as the resource has it."""
        return {"id": self.resource_id, "url": self.url, "version": self.version}


class _Action(StrEnum):
    ADD = "add"
    RETIRE = "retire"
    PUT_BACK = "put-back"


_T = tables.questionnaire
_CHANGE = tables.questionnaire_change
_OF_KEY = [_T.c[name] == bindparam(name) for name in Key._fields]
_CHANGE_OF_KEY = [_CHANGE.c[name] == bindparam(name) for name in Key._fields]
_DESCRIBED = [_T.c[name] for name in AddedQuestionnaire.__slots__]

_ADD = Prepared(_T.insert())
_BODY = Prepared(select(_T.c.digest, _T.c.body).where(*_OF_KEY))
_ADDED = Prepared(
    select(*_DESCRIBED)
    .join(_CHANGE, (_CHANGE.c.url == _T.c.url) & (_CHANGE.c.version == _T.c.version))
    .where(_CHANGE.c.action == _Action.ADD)
    .order_by(_CHANGE.c.seq)
)
_NOTE = Prepared(_CHANGE.insert())
_CHANGES = Prepared(
    select(_CHANGE.c.url, _CHANGE.c.version, _CHANGE.c.action).order_by(_CHANGE.c.seq)
)
_LAST_OF_KEY = Prepared(
    select(_CHANGE.c.action).where(*_CHANGE_OF_KEY).order_by(_CHANGE.c.seq.desc()).limit(1)
)
_LAST = Prepared(select(func.max(_CHANGE.c.seq).label("seq")))


def add(conn: Connection, added: AddedQuestionnaire, body: bytes, *, at: datetime, by: str) -> None:
    """Keep a questionnaire, `body` as received.

    A known url and version, or a known resource id, raises `sqlite3.IntegrityError`: whoever adds
    looks first, in the same transaction.
    """
    described = {name: getattr(added, name) for name in AddedQuestionnaire.__slots__}
    _ADD.run(conn, **described, digest=sha256(body).hexdigest(), body=body)
    _note(conn, added.key, _Action.ADD, at=at, by=by)


def added(conn: Connection) -> tuple[AddedQuestionnaire, ...]:
    """Every added questionnaire, in the order of adding."""
    return tuple(AddedQuestionnaire(**row) for row in _ADDED.rows(conn))


def body(conn: Connection, key: Key) -> bytes | None:
    """An added questionnaire as received, or None.

    Raises `Unavailable` where the body is not the one whose SHA-256 was kept with it.
    """
    row = _BODY.first(conn, **key._asdict())
    if row is None:
        return None
    kept: bytes = row["body"]
    if sha256(kept).hexdigest() != row["digest"]:
        raise Unavailable("A questionnaire of the library is damaged")
    return kept


def retire(conn: Connection, key: Key, *, at: datetime, by: str) -> bool:
    """Let no new response be begun with a questionnaire; False when that was so already."""
    if is_retired(conn, key):
        return False
    _note(conn, key, _Action.RETIRE, at=at, by=by)
    return True


def put_back(conn: Connection, key: Key, *, at: datetime, by: str) -> bool:
    """Take a retirement back; False when there was none."""
    if not is_retired(conn, key):
        return False
    _note(conn, key, _Action.PUT_BACK, at=at, by=by)
    return True


def is_retired(conn: Connection, key: Key) -> bool:
    """Whether no new response may be begun with a questionnaire, added or shipped."""
    last = _LAST_OF_KEY.first(conn, **key._asdict())
    return last is not None and last["action"] == _Action.RETIRE


def retired(conn: Connection) -> frozenset[Key]:
    """Every questionnaire with which no new response may be begun."""
    last = {Key(row["url"], row["version"]): row["action"] for row in _CHANGES.rows(conn)}
    return frozenset(key for key, action in last.items() if action == _Action.RETIRE)


def revision(conn: Connection) -> int:
    """A number that grows with every change of the library; 0 before the first."""
    row = _LAST.first(conn)
    return (row["seq"] or 0) if row else 0


def _note(conn: Connection, key: Key, action: _Action, *, at: datetime, by: str) -> None:
    seq = revision(conn) + 1
    _NOTE.run(conn, **key._asdict(), seq=seq, at=at, by=by, action=action)
