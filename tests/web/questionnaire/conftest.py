"""Questionnaires for the pages: added to the library of the shared service, as a deployer would."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from template_service.actions.library import add_questionnaire
from template_service.service import Service

BASE = "https://questionnaires.example/Questionnaire"

AddForm = Callable[..., str]


def added(service: Service, resource: dict[str, Any]) -> str:
    """Adds a questionnaire to the library; gives its resource id."""
    kept = add_questionnaire(service.store, service.forms, orjson.dumps(resource), by="test")
    return kept.listed.id


@pytest.fixture(scope="session")
def add_form(service: Service) -> AddForm:
    """Adds a questionnaire of these items; the same items again are the same questionnaire."""

    def add(questionnaire_id: str, *items: dict[str, Any], **more: Any) -> str:
        return added(
            service,
            {
                "resourceType": "Questionnaire",
                "id": questionnaire_id,
                "url": f"{BASE}/{questionnaire_id}",
                "version": "1",
                "title": f"About {questionnaire_id}",
                "status": "active",
                "item": list(items),
                **more,
            },
        )

    return add
