"""`/healthz`: the process answers. `/readyz`: it can do its work."""

import sqlite3
from http import HTTPStatus
from typing import Any

from flask import Flask

from template_service import __version__
from template_service.errors import ServiceError
from template_service.records.store import SCHEMA_REVISION
from template_service.service import Service

# SQLite releases up to 3.51.2 can corrupt a WAL that two connections write or checkpoint together;
# this service has one writer, and shows the version so that an operator can see it.
_VERSIONS = {"version": __version__, "sqlite": sqlite3.sqlite_version}


def register(app: Flask, service: Service) -> None:
    """Adds both pages, open to whoever can reach the service: they tell nothing about anybody."""

    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        return {"status": "ok", **_VERSIONS}

    @app.get("/readyz")
    def readyz() -> tuple[dict[str, Any], int]:
        checks = {"store": _store_is_ready(service), "directory": bool(service.directory.version)}
        ready = all(checks.values())
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return {"status": "ready" if ready else "not ready", "checks": checks}, status


def _store_is_ready(service: Service) -> bool:
    try:
        return service.store.schema_revision() == SCHEMA_REVISION
    except ServiceError:
        return False
