"""Ids of rows that come by the dozen: version 7 of RFC 9562, in the order in which they are made.

New rows then go side by side to the end of an index. Random ids spread the rows of one submission
over the whole of it, and every page touched is written twice: to the log, and to the file later.
"""

import os
import time
from uuid import UUID

_RANDOM_BITS = 74
_LOW_BITS = 62


def new_row_id() -> str:
    """A UUID of version 7: the time in ms, then 74 random bits, which nobody can guess."""
    chance = int.from_bytes(os.urandom(10), "big") & ((1 << _RANDOM_BITS) - 1)
    high, low = chance >> _LOW_BITS, chance & ((1 << _LOW_BITS) - 1)
    stamp = time.time_ns() // 1_000_000
    return str(UUID(int=stamp << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))
