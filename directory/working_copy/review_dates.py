"""When a service has to be asked again: the more harm a wrong entry does, the sooner.

The spans are our own judgement, to be changed here by the people who curate.
"""

from datetime import date, timedelta
from typing import Final, Literal

from directory.model import Service

Risk = Literal["urgent", "ordinary", "stable"]

DAYS: Final[dict[Risk, int]] = {"urgent": 30, "ordinary": 120, "stable": 365}
# Before a service or its money may end, somebody rings while there is still somebody to answer.
BEFORE_END: Final = timedelta(days=28)


def risk(service: Service) -> Risk:
    """How much depends on it: urgent when it stands on a card or acts today.

    National lines are stable bodies, unless they are urgent too.
    """
    if service.urgent_cards or service.urgent_today:
        return "urgent"
    return "stable" if service.national else "ordinary"


def next_review(service: Service, today: date, ends_on: date | None = None) -> date:
    """The day by which a service that was rung today has to be rung again.

    Earlier when it may end before that: four weeks before the end, or on that day itself.
    """
    usual = today + timedelta(days=DAYS[risk(service)])
    if ends_on is None or ends_on < today:
        return usual
    before = ends_on - BEFORE_END
    return min(usual, before if before > today else ends_on)
