"""The engine and the directory without a server around them."""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from directory.geography import Geography
from directory.starter import build_geography
from template_service.artefacts import artefact_path
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.scoring import score
from template_service.questionnaire.validation import validate
from template_service.service import TEMPLATE_ID
from tests.bench.figures import Figure, interleaved, seconds
from tests.bench.node_peers import medplum
from tests.practice import answered

VALIDATE_SCORE_GOAL_MS = 0.2
VALIDATE_SCORE_GOAL_RATIO = 25
ANSWERS = 60
MATCH_GOAL_MS = 1.0
MATCH_SERVICES = 5000
# Degrees; spreads copies of the starter services over the city.
_SPREAD = 0.1
_SEED = 2026


def validate_score_60_ms() -> Iterator[Figure]:
    """Validating and scoring a parsed response of 60 answers.

    Beside it fhir.resources parses the same, and Medplum validates it (see `node_peers`): neither
    knows the questionnaire, so they do less.
    """
    from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

    form = compile_questionnaire(
        json.loads(artefact_path("Questionnaire", TEMPLATE_ID).read_text())
    )
    resource = answered(form, ANSWERS)

    def ours() -> None:
        score(form, validate(form, resource).answers)

    def peer() -> None:
        QuestionnaireResponse.model_validate(resource)

    work: dict[str, Callable[[], float]] = {
        "ours": lambda: seconds(ours, 200) * 1000,
        "fhir.resources": lambda: seconds(peer, 20) * 1000,
    }
    given = {"response": resource}
    with tempfile.TemporaryDirectory() as place, medplum(given, Path(place)) as validator:
        if validator is not None:
            validator.ms(20)
            work["Medplum validateResource"] = lambda: validator.ms(20)
        medians = interleaved(work)
    ratio = medians["fhir.resources"] / medians["ours"]
    yield Figure(
        figure="validate_score_60_ms",
        value=round(medians["ours"], 3),
        unit="ms",
        goal=f"<= {VALIDATE_SCORE_GOAL_MS} and fhir.resources >= {VALIDATE_SCORE_GOAL_RATIO}",
        met=medians["ours"] <= VALIDATE_SCORE_GOAL_MS and ratio >= VALIDATE_SCORE_GOAL_RATIO,
        peers={
            name: round(value / medians["ours"], 1)
            for name, value in medians.items()
            if name != "ours"
        },
    )


def postcode_lookup_us() -> Iterator[Figure]:
    """One postcode of Leeds to its area, ward, coordinates and decile."""
    with tempfile.TemporaryDirectory() as folder:
        geography = _geography(Path(folder))
        postcodes = [practice.postcode for practice in geography.practices()]

        def look_up() -> None:
            for postcode in postcodes:
                geography.place(postcode)

        medians = interleaved({"ours": lambda: seconds(look_up, 20) / len(postcodes) * 1e6})
        geography.close()
    yield Figure(
        figure="postcode_lookup_us",
        value=round(medians["ours"], 1),
        unit="us",
        goal="none set",
        met=True,
    )


def _geography(folder: Path) -> Geography:
    path = folder / "geography.sqlite"
    build_geography(path)
    return Geography.open(path)
