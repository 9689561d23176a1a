"""The points a service has whoever asks: about one thing, easy to reach, free.

With `directory.ranking` these are the soft rules. The points are our own judgement, larger for what
saves a wasted visit.
"""

from typing import Final

from directory.model import Service

# A service with one need is about that need; one with eight is about everybody.
SPECIFIC: Final = 24
FREE: Final = 4
REACHED_BY_PHONE: Final = 10
REACHED_OTHERWISE: Final = 6


def standing(service: Service) -> int:
    """The points of a service that depend on nothing but the service."""
    points = SPECIFIC // max(len(service.needs), 1)
    if service.phone:
        points += REACHED_BY_PHONE
    elif service.url or service.email or service.address:
        points += REACHED_OTHERWISE
    return points + (FREE if is_free(service) else 0)


def is_free(service: Service) -> bool:
    """Whether the service says that it costs nothing."""
    return service.cost.casefold().startswith("free")
