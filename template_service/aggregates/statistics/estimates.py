"""What an estimate is, and what every method demands of the numbers it is given.

Errors name the argument and the position, never the number: a count may belong to few people.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from template_service.errors import Invalid

Floats = NDArray[np.float64]

CONFIDENCE: Final = 0.95
"""The level of the intervals OHID shows beside figures; control limits add 0.998."""

CONFIDENCE_AT_LEAST: Final = 0.9


class Undefined(Invalid):
    """The figure asked for does not exist for these numbers: nobody asked, a missing count."""

    title = "This figure is not defined for these numbers"


class Estimate(NamedTuple):
    """A value with the limits of its interval, in the unit of the value, and how it was made."""

    value: float
    lower: float
    upper: float
    method: str


class Estimates(NamedTuple):
    """Estimates side by side: arrays of one shape, `method` an array of text."""

    value: Floats
    lower: Floats
    upper: Floats
    method: NDArray[np.str_]

    def only(self) -> Estimate:
        """The one estimate there is, as plain numbers. Raises ValueError when there are more."""
        return Estimate(
            self.value.item(), self.lower.item(), self.upper.item(), str(self.method.item())
        )


def z_score(confidence: float) -> float:
    """How many standard errors a two-sided normal interval reaches: 1.96 for 0.95.

    Raises `Undefined` as `tail` does.
    """
    return -float(ndtri(tail(confidence)))


def tail(confidence: float) -> float:
    """The probability beyond each limit of a two-sided interval: 0.025 for 0.95.

    Raises `Undefined` for a confidence below 0.9, from 1 on, or NaN: 95 and 0.05 are slips. Source
    of the range: R package PHEindicatormethods.
    """
    if not CONFIDENCE_AT_LEAST <= confidence < 1:
        raise Undefined(f"confidence must lie from {CONFIDENCE_AT_LEAST} to below 1")
    return (1 - confidence) / 2


def numbers(**given: ArrayLike) -> tuple[Floats, ...]:
    """The arguments as arrays of one shape, in the order given; single numbers are repeated.

    Raises `Undefined` for what is not a finite number (text, nothing, NaN, infinity), and for
    lists that differ in length.
    """
    arrays = [_finite(name, np.asarray(values)) for name, values in given.items()]
    # A list of one is not repeated: next to a longer one it is a mistake.
    if len({array.shape for array in arrays if array.ndim}) > 1:
        raise Undefined(f"{', '.join(given)} must have the same length")
    return tuple(np.broadcast_arrays(*arrays))


def _finite(name: str, values: NDArray[np.generic]) -> Floats:
    if values.dtype.kind not in "iuf":
        raise Undefined(f"{name} must be numbers")
    floats = values.astype(np.float64)
    refuse(~np.isfinite(floats), f"{name} must be finite numbers")
    return floats


def refuse(wrong: NDArray[np.bool_], rule: str) -> None:
    """Raises `Undefined` with the rule and the position (from 0) of the first that breaks it."""
    if wrong.any():
        place = f" (at position {int(np.argmax(wrong))})" if wrong.size > 1 else ""
        raise Undefined(f"{rule}{place}")
