"""The relevance set: what people type, graded answers, and how good a list of answers is.

`queries.json` was written before search was tuned. A service a query does not grade is 0. Grades:
3 go here first, 2 helps with this, 1 related or a second step. One half was tuned on; of the other
only the total was looked at (`docs/reference/search.md` says when). `independent.json` was written
and graded later by somebody who had seen neither the other queries nor the words search knows.
`reader.json` is what somebody typed who looked for faults: all of it was tuned on. Of the others
the hash of a query says which half it is in, so nobody chose.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import log2
from pathlib import Path
from typing import Final, NamedTuple

DEPTH: Final = 5


class Query(NamedTuple):
    """What somebody types, and the grade of each service by its name."""

    text: str
    grades: Mapping[str, int]

    @property
    def held_out(self) -> bool:
        """Whether it is of the half that search was never tuned on."""
        return sha256(self.text.encode()).digest()[0] % 2 == 1


def read_queries(file: str = "queries.json") -> tuple[Query, ...]:
    """Every query of a set."""
    records = json.loads((Path(__file__).parent / file).read_text(encoding="utf-8"))
    return tuple(Query(record["query"], record["grades"]) for record in records)


def ndcg(query: Query, names: Sequence[str]) -> float:
    """nDCG@5 with gain 2^grade - 1 and discount log2(rank + 1) (Burges et al., 2005), 0 to 1."""
    best = sorted(query.grades.values(), reverse=True)
    found = [query.grades.get(name, 0) for name in names]
    return _gain(found) / _gain(best)


def _gain(grades: Sequence[int]) -> float:
    ranked = enumerate(grades[:DEPTH], start=2)
    return sum(((1 << grade) - 1) / log2(position) for position, grade in ranked)
