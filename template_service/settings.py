"""Every setting of the service: one environment variable each, all bad values reported at once."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from environs import Env, EnvValidationError, ValidationError, validate

from template_service.errors import ServiceError

PREFIX = "TEMPLATE_SERVICE_"

# AES-256 (NIST FIPS 197) takes a key of 32 bytes; the cookie key must be no weaker.
KEY_BYTES = 32

# What a tag of BCP 47 looks like; whether there is a catalogue of it, the pages find out.
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class BadSettings(ServiceError):
    """Settings that cannot be used; `problems` maps each variable to what is wrong with it."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        self.problems = problems
        lines = (f"{name}: {' '.join(texts)}" for name, texts in sorted(problems.items()))
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one running service; each is described in docs/reference/settings.md."""

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8080
    threads: int = 4
    secret_key: str = ""
    encryption_keys: tuple[bytes, ...] = ()
    today: date | None = None
    cookie_secure: bool = True
    session_idle_minutes: int = 30
    session_absolute_hours: int = 10
    sign_ins_per_minute: int = 10
    oruk_requests_per_minute: int = 600
    max_body_bytes: int = 1_048_576
    feed_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    organisation_name: str = ""
    languages: tuple[str, ...] = ()
    demo: bool = False
    log_level: str = "INFO"

    @classmethod
    def load(cls) -> "Settings":
        """The settings of the process environment, defaults for the rest.

        Raises `BadSettings` naming every variable that cannot be used; it repeats no value, because
        some are secrets.
        """
        env = Env(eager=False, prefix=PREFIX)
        settings = cls(
            data=env.path("DATA", Path("data")),
            host=env.str("HOST", "127.0.0.1", validate=validate.Length(min=1)),
            port=env.int("PORT", 8080, validate=validate.Range(1, 65535)),
            threads=env.int("THREADS", 4, validate=validate.Range(1, 64)),
            secret_key=env.str("SECRET_KEY", "", validate=_check_cookie_key),
            encryption_keys=_split_keys(env.str("ENCRYPTION_KEYS", "", validate=_check_keys)),
            today=env.date("TODAY", None),
            cookie_secure=env.bool("COOKIE_SECURE", True),
            session_idle_minutes=env.int(
                "SESSION_IDLE_MINUTES", 30, validate=validate.Range(1, 24 * 60)
            ),
            session_absolute_hours=env.int(
                "SESSION_ABSOLUTE_HOURS", 10, validate=validate.Range(1, 24)
            ),
            sign_ins_per_minute=env.int(
                "SIGN_INS_PER_MINUTE", 10, validate=validate.Range(1, 10_000)
            ),
            oruk_requests_per_minute=env.int(
                "ORUK_REQUESTS_PER_MINUTE", 600, validate=validate.Range(1, 1_000_000)
            ),
            max_body_bytes=env.int("MAX_BODY_BYTES", 1_048_576, validate=validate.Range(min=1024)),
            feed_hosts=_split_hosts(env.str("FEED_HOSTS", "", validate=_check_hosts)),
            trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=validate.Range(0, 10)),
            organisation_name=env.str("ORGANISATION_NAME", ""),
            languages=_split(env.str("LANGUAGES", "", validate=_check_languages)),
            demo=env.bool("DEMO", False),
            log_level=env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(LOG_LEVELS)),
        )
        try:
            env.seal()
        except EnvValidationError as problem:
            raise BadSettings(dict(cast(Mapping[str, list[str]], problem.error_messages))) from None
        return settings


def _check_cookie_key(text: str) -> None:
    if text and len(text.encode()) < KEY_BYTES:
        raise ValidationError(f"Give at least {KEY_BYTES} bytes.")


def _check_keys(text: str) -> None:
    try:
        keys = _split_keys(text)
    except binascii.Error:
        raise ValidationError("Give base64 keys, separated by commas.") from None
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValidationError(f"Every key is {KEY_BYTES} bytes before base64.")


def _check_hosts(text: str) -> None:
    if any(set(host) & set("/@?# ") for host in _split_hosts(text)):
        raise ValidationError("Give hosts as host or host:port, separated by commas.")


def _check_languages(text: str) -> None:
    if not all(_LANGUAGE_TAG.fullmatch(tag) for tag in _split(text)):
        raise ValidationError("Give language tags such as en-GB, separated by commas.")


def _split_hosts(text: str | None) -> tuple[str, ...]:
    """The hosts of a comma-separated list, in lower case."""
    return tuple(host.lower() for host in _split(text))


def _split(text: str | None) -> tuple[str, ...]:
    """The parts of a comma-separated list that are not blank, each once."""
    parts = (part.strip() for part in (text or "").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _split_keys(text: str | None) -> tuple[bytes, ...]:
    """The keys of a comma-separated list: the one that encrypts first, then older ones."""
    return tuple(base64.b64decode(part, validate=True) for part in (text or "").split(",") if part)
