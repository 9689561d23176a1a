"""Ten thousand people not like each other: nobody is offered what is not for them."""

from datetime import timedelta
from random import Random

import pytest

from directory.matching import Directory
from directory.model import HOUSEHOLDS, NEEDS, OLDEST, TENURES
from directory.seeker import Seeker
from tests.unit.directory.made_up import CROWDED, NOW, PLACES
from tests.unit.directory.oracle import is_for

# In each of two directories.
PEOPLE = 5_000
TOP = 10


@pytest.mark.parametrize(
    ("published", "needs"), [("directory", CROWDED), ("starter", tuple(NEEDS))]
)
def test_no_one_of_thousands_is_offered_what_is_not_for_them(
    request: pytest.FixtureRequest, published: str, needs: tuple[str, ...]
) -> None:
    directory: Directory = request.getfixturevalue(published)
    random = Random(20261123)
    offered = 0
    for _ in range(PEOPLE):
        seeker = _somebody(random, needs)
        found = directory.match(seeker, TOP)
        unfit = [it for it in found.matches if not is_for(it.service, it.need, seeker)]
        assert unfit == []
        offered += len(found.matches)
    assert offered > PEOPLE


def _somebody(random: Random, needs: tuple[str, ...]) -> Seeker:
    wanted = tuple(random.sample(needs, random.randint(1, 3)))
    return Seeker(
        needs=wanted,
        now=NOW + timedelta(minutes=random.randint(0, 7 * 24 * 60)),
        urgent=frozenset(need for need in wanted if random.random() < 0.2),
        place=random.choice(PLACES),
        age=random.choice((None, random.randint(0, OLDEST))),
        sex=random.choice((None, "female", "male", "other")),
        language=random.choice((None, "en", "ro", "ro-RO", "urdu")),
        tenure=random.choice((None, *TENURES, "declined")),
        household=frozenset(
            random.sample((*HOUSEHOLDS, "alone", "declined"), random.randint(0, 2))
        ),
        access_needs=frozenset(random.sample(("BSL", "step-free"), random.randint(0, 1))),
        no_public_funds=random.random() < 0.3,
    )
