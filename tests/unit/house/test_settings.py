import base64
from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.settings import KEY_BYTES, PREFIX, BadSettings, Settings


def test_defaults_of_the_environment_are_the_defaults_of_the_class() -> None:
    assert Settings.load() == Settings()


def test_every_bad_value_is_reported_at_once_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {
        "PORT": "tcp://10.0.0.1:80",
        "THREADS": "0",
        "SECRET_KEY": "short",
        "ENCRYPTION_KEYS": "not base64!",
        "TODAY": "2026-13-01",
        "COOKIE_SECURE": "perhaps",
        "SESSION_IDLE_MINUTES": "0",
        "SESSION_ABSOLUTE_HOURS": "25",
        "SIGN_INS_PER_MINUTE": "many",
        "ORUK_REQUESTS_PER_MINUTE": "0",
        "MAX_BODY_BYTES": "1",
        "FEED_HOSTS": "https://feeds.example/",
        "TRUSTED_PROXIES": "-1",
        "DEMO": "maybe",
        "LOG_LEVEL": "LOUD",
        "HOST": "",
        "LANGUAGES": "en-GB,../fr",
    }
    for name, text in bad.items():
        monkeypatch.setenv(PREFIX + name, text)
    with pytest.raises(BadSettings) as caught:
        Settings.load()
    assert set(caught.value.problems) == {PREFIX + name for name in bad}
    assert all(PREFIX + name in caught.value.message for name in bad)


def test_an_error_never_repeats_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}SECRET_KEY", "hunter2")
    monkeypatch.setenv(f"{PREFIX}ENCRYPTION_KEYS", "c2hvcnQ=")
    with pytest.raises(BadSettings) as caught:
        Settings.load()
    assert "hunter2" not in caught.value.message
    assert "c2hvcnQ=" not in caught.value.message


def test_good_values_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}TODAY", "2026-03-29")
    monkeypatch.setenv(f"{PREFIX}COOKIE_SECURE", "false")
    monkeypatch.setenv(f"{PREFIX}PORT", "9000")
    settings = Settings.load()
    assert (settings.today, settings.cookie_secure, settings.port) == (
        date(2026, 3, 29),
        False,
        9000,
    )


@given(st.lists(st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES), max_size=3))
def test_encryption_keys_keep_their_order(keys: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        text = ",".join(base64.b64encode(key).decode() for key in keys)
        patch.setenv(f"{PREFIX}ENCRYPTION_KEYS", text)
        assert Settings.load().encryption_keys == tuple(keys)


def test_every_field_is_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field nobody can set would be a constant in disguise."""
    changed = {
        "data": "elsewhere",
        "host": "::1",
        "port": "1",
        "threads": "1",
        "secret_key": "k" * KEY_BYTES,
        "encryption_keys": base64.b64encode(b"k" * KEY_BYTES).decode(),
        "today": "2026-01-01",
        "cookie_secure": "no",
        "session_idle_minutes": "1",
        "session_absolute_hours": "1",
        "sign_ins_per_minute": "1",
        "oruk_requests_per_minute": "1",
        "max_body_bytes": "2048",
        "feed_hosts": "feeds.example, 10.0.0.5:8443",
        "trusted_proxies": "1",
        "organisation_name": "A practice",
        "languages": "en-GB, ar-XB",
        "demo": "yes",
        "log_level": "ERROR",
    }
    assert {field.name for field in fields(Settings)} == set(changed)
    for name, text in changed.items():
        monkeypatch.setenv(PREFIX + name.upper(), text)
    settings, default = Settings.load(), Settings()
    unread = [name for name in changed if getattr(settings, name) == getattr(default, name)]
    assert unread == []
