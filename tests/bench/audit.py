"""How long the audit before publication takes for a city of 86 practices and twelve months."""

from collections.abc import Iterator

from template_service.aggregates.audit import audit_cubes
from template_service.aggregates.vocabulary import domains
from tests.bench.figures import Figure
from tests.unit.aggregates.made_up_cubes import a_cube

AUDIT_GOAL_S = 30.0

_PRACTICES = 86
_PIECES = 180
_PEOPLE_A_MONTH = 3_300
_MONTHS = tuple(f"2026-{month:02}" for month in range(1, 13))


def audit_leeds_s() -> Iterator[Figure]:
    """Seconds for all cells of twelve months, and the game of 200 questions; once."""
    cubes = [
        a_cube(
            month,
            seed=number,
            people=_PEOPLE_A_MONTH,
            practices=_PRACTICES,
            pieces=_PIECES,
            domains=domains(),
        )
        for number, month in enumerate(_MONTHS)
    ]
    result = audit_cubes(cubes)
    if not result.passed:
        raise RuntimeError(f"The audit of made-up cubes did not pass: {result}")
    yield Figure(
        figure="audit_leeds_s",
        value=round(result.seconds, 1),
        unit="s",
        goal=f"<= {AUDIT_GOAL_S:g}",
        met=result.seconds <= AUDIT_GOAL_S,
        runs=1,
    )
