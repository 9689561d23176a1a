"""How soon the first page is there, how large it is, and how much memory serving takes."""

import gzip
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import requests

from tests import server
from tests.bench.figures import RUNS, Figure
from tests.practice import Practice, prepare

COLD_START_GOAL_S = 2.0
WORKER_GOAL_MB = 100
FIRST_PAGE_GOAL_KB = 100

GZIP = {"Accept-Encoding": "gzip"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_ASSET = re.compile(r'<(?:link[^>]*rel="stylesheet"[^>]*href|script[^>]*src)="([^"]+)"')


def cold_start_s() -> Iterator[Figure]:
    """Seconds from starting the command on a prepared data folder to the first page."""
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        for _ in range(RUNS):
            started = time.perf_counter()
            running = server.start(data)
            requests.get(f"{running.base}/sign-in", timeout=30).raise_for_status()
            taken.append(time.perf_counter() - started)
            server.stop(running)
    value = statistics.median(taken)
    yield Figure(
        figure="cold_start_s",
        value=round(value, 2),
        unit="s",
        goal=f"<= {COLD_START_GOAL_S}",
        met=value <= COLD_START_GOAL_S,
    )


def worker_mb() -> Iterator[Figure]:
    """Resident memory of the serving process after submissions and pages."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        practice = prepare(data)
        with server.serving(data) as running:
            for _ in range(50):
                requests.post(
                    f"{running.base}/fhir/QuestionnaireResponse",
                    json=practice.resource,
                    headers=practice.headers,
                    timeout=30,
                ).raise_for_status()
            _template_page(running.base, practice)
            (worker,) = psutil.Process(running.process.pid).children()
            value = worker.memory_info().rss / 1e6
    yield Figure(
        figure="worker_mb",
        value=round(value, 1),
        unit="MB",
        goal=f"<= {WORKER_GOAL_MB}",
        met=value <= WORKER_GOAL_MB,
        runs=1,
    )


def first_page_kb() -> Iterator[Figure]:
    """Page, style sheets and scripts, gzipped: the larger of sign-in and template page."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        practice = prepare(data)
        with server.serving(data) as running:
            sign_in = requests.get(f"{running.base}/sign-in", timeout=30)
            pages = (sign_in.text, _template_page(running.base, practice))
            value = max(_weight_kb(running.base, page) for page in pages)
    yield Figure(
        figure="first_page_kb",
        value=round(value, 1),
        unit="kB",
        goal=f"<= {FIRST_PAGE_GOAL_KB}",
        met=value <= FIRST_PAGE_GOAL_KB,
        runs=1,
    )


def _template_page(base: str, practice: Practice) -> str:
    with requests.Session() as browser:
        page = browser.get(f"{base}/sign-in", timeout=30).text
        found = _TOKEN.search(page)
        assert found is not None
        form = {
            "username": practice.username,
            "password": practice.password,
            "csrf_token": found[1],
        }
        browser.post(f"{base}/sign-in", data=form, timeout=30).raise_for_status()
        opened = browser.get(f"{base}/people/{practice.person_ids[0]}/template", timeout=30)
        opened.raise_for_status()
        return opened.text


def _weight_kb(base: str, page: str) -> float:
    total = len(gzip.compress(page.encode()))
    for address in _ASSET.findall(page):
        # The raw stream: what travels, before the client unpacks it.
        with requests.get(f"{base}{address}", headers=GZIP, stream=True, timeout=30) as answer:
            answer.raise_for_status()
            total += len(answer.raw.read(decode_content=False))
    return total / 1000
