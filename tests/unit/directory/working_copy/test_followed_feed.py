"""The whole way: another directory's server followed by the real command, published and matched."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from template_service.cli import main
from tests.fakes import oruk_faults
from tests.fakes.oruk_holdings import Holdings, made_up_id
from tests.fakes.oruk_server import OrukServer

pytestmark = pytest.mark.crash

Command = Callable[..., Any]
Process = Callable[..., "subprocess.CompletedProcess[str]"]
_NEED = "food-aid"
_AT_ONCE = {"Retry-After": "0"}


@pytest.fixture
def words(tmp_path: Path) -> Callable[..., tuple[list[str], dict[str, str]]]:
    """The words and the environment of a command of a deployment that allows this host."""

    def make(*given: str) -> tuple[list[str], dict[str, str]]:
        environment = {
            **os.environ,
            "TEMPLATE_SERVICE_DATA": str(tmp_path / "data"),
            "TEMPLATE_SERVICE_FEED_HOSTS": "127.0.0.1",
            "TEMPLATE_SERVICE_TODAY": "2026-11-23",
        }
        return [sys.executable, "-m", "template_service", "directory", *given], environment

    return make


@pytest.fixture
def process(words: Callable[..., tuple[list[str], dict[str, str]]], root: Path) -> Process:
    """Runs `template-service directory ...` as a process of its own, to its end."""

    def run(*given: str) -> "subprocess.CompletedProcess[str]":
        line, environment = words(*given)
        return subprocess.run(
            line,
            env=environment,
            cwd=root,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def command(process: Process) -> Command:
    """The same of what must succeed; gives its JSON."""

    def run(*given: str) -> Any:
        done = process(*given, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def within(words: Callable[..., tuple[list[str], dict[str, str]]]) -> Command:
    """The same in this process: to start one takes longer than what it does."""

    def run(*given: str) -> Any:
        _, environment = words()
        done = CliRunner(env=environment).invoke(main, ["directory", *given, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return run


def _counts(report: Any, table: str = "services") -> dict[str, int]:
    return {name: number for name, number in report[table].items() if number}


def test_a_feed_is_followed_published_and_matched(
    command: Command, within: Command, server: OrukServer, held: Holdings
) -> None:
    server.misbehave("page=2", oruk_faults.status(503, _AT_ONCE))
    first = command("import", server.base)
    assert _counts(first) == {"read": 12, "new": 12}
    assert _counts(within("import", server.base)) == {"read": 12, "unchanged": 12}
    assert server.unchanged

    listed = within("review", "--all")["services"]
    (one,) = [it["service_id"] for it in listed if it["name"] == "Made-up service 1"]
    within("review", "edit", one, "--set", f'needs=["{_NEED}"]', "--reason", "their page")
    published = command("publish")
    matched = command("match", "--need", _NEED, "--postcode", "LS9 7UF", "--limit", "50")
    assert "Made-up service 1" in {it["name"] for it in matched["matches"]}

    held.change(1, "Another name", modified="2026-11-22T09:00:00Z")
    held.add(13)
    held.remove(12)
    changed = command("import", server.base)
    assert _counts(changed) == {
        "read": 12,
        "new": 1,
        "changed": 1,
        "unchanged": 10,
        "withdrawn": 1,
    }
    waiting = {(it["action"], it["field"], it["record_id"]) for it in within("review")["proposals"]}
    assert ("set", "name", made_up_id("service", 1)) in waiting
    assert ("withdraw", "", made_up_id("service", 12)) in waiting
    # Nothing is in use but what was published, until somebody publishes again.
    assert within("publish")["services"] == published["services"] + 1
    names = {it["name"] for it in within("review", "--all")["services"]}
    assert {"Made-up service 1", "Made-up service 12", "Made-up service 13"} <= names


def test_a_page_that_is_gone_withdraws_nothing(within: Command, server: OrukServer) -> None:
    within("import", server.base)
    server.misbehave("page=2", oruk_faults.status(404), times=None)
    broken = within("import", server.base)
    assert broken["services"]["withdrawn"] == 0
    assert broken["quarantine"]
    server.behave()
    assert _counts(within("import", server.base)) == {"read": 12, "unchanged": 12}
    assert within("review")["proposals"] == []


def test_only_changes_withdraw_nothing(within: Command, server: OrukServer, held: Holdings) -> None:
    within("import", server.base)
    held.change(2, "Another name", modified=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    held.remove(3)
    report = within("import", server.base, "--only-changes")
    assert report["services"]["withdrawn"] == 0
    assert server.asked("modified_after")
    assert _counts(report)["changed"] == 1


def test_a_killed_import_is_gone_on_with(
    within: Command,
    words: Callable[..., tuple[list[str], dict[str, str]]],
    server: OrukServer,
    root: Path,
) -> None:
    reached, let_go = threading.Event(), threading.Event()
    server.misbehave("/services?full=true&page=3", oruk_faults.held_back(reached, let_go))
    line, environment = words("import", server.base)
    with subprocess.Popen(
        line, env=environment, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert reached.wait(60)
        finally:
            process.kill()
            let_go.set()
    before = {asked for asked in server.requests if "page=3" not in asked}
    server.behave()
    assert _counts(within("import", server.base)) == {"read": 12, "new": 12}
    assert not before & set(server.requests), "what was kept is not asked for again"


def test_another_private_host_is_refused_and_no_credential_repeated(process: Process) -> None:
    for address in (
        "https://somebody:hunter2@10.0.0.1/oruk/v3",
        "https://10.0.0.1/oruk/v3?token=hunter2",
        "http://[::1/?token=hunter2",
        "ftp://somebody:hunter2@feeds.example/",
    ):
        done = process("import", address)
        assert done.returncode == 1
        assert "Error: " in done.stderr
        assert "hunter2" not in done.stderr + done.stdout
        assert "Traceback" not in done.stderr
