"""How the learning rate changes: functions from the part of training done to a factor of the rate.

A factor multiplies the learning rate that the user gave. Needs no torch.
"""

import math
from collections.abc import Callable, Sequence

Schedule = Callable[[float], float]
"""From epochs done, a fraction of one included, to the factor."""


def constant(_epoch: float) -> float:
    """Leave the rate as it is."""
    return 1.0


def stepped(epochs: Sequence[int], factor: float) -> Schedule:
    """Multiply the rate by ``factor`` when each of ``epochs`` is reached."""
    return lambda epoch: factor ** sum(epoch >= each for each in epochs)


def polynomial(epochs: int, power: float = 0.9) -> Schedule:
    """Go down to 0 at the end of ``epochs``, as (1 - t)^power does."""
    return lambda epoch: max(0.0, 1 - epoch / epochs) ** power


def cosine(epochs: int) -> Schedule:
    """Go down to 0 at the end of ``epochs`` by half a turn of a cosine."""
    return lambda epoch: (1 + math.cos(math.pi * min(epoch / epochs, 1.0))) / 2


def warmed(schedule: Schedule, epochs: float) -> Schedule:
    """Go up from 0 in a line during the first ``epochs``, by ``schedule`` as well."""
    if epochs <= 0:
        return schedule
    return lambda epoch: schedule(epoch) * min(1.0, epoch / epochs)
