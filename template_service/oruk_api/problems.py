"""A query that cannot be answered, and the RFC 9457 problem that names every parameter at fault."""

from collections.abc import Mapping

import orjson
from flask import Response

from template_service.errors import PROBLEM_JSON, PROBLEM_TYPES, Malformed


class WrongParameters(Malformed):
    """Parameters that cannot be read; `problems` maps each to what is wrong, never to its value."""

    slug = "wrong-parameters"
    title = "A parameter of the query cannot be used"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {text}" for name, text in problems.items()))
        self.problems = dict(problems)


def refusal(error: WrongParameters) -> Response:
    """The 400 answer: `errors` lists each parameter with a sentence."""
    problem = {
        "type": f"{PROBLEM_TYPES}/{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "errors": [
            {"parameter": name, "detail": sentence} for name, sentence in error.problems.items()
        ],
    }
    return Response(orjson.dumps(problem), error.status, content_type=PROBLEM_JSON)
