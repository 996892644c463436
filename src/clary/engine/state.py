"""State: how far an operation does what it promises."""

from enum import StrEnum


class State(StrEnum):
    """What a caller may rely on."""

    REAL = "real"
    """What the operation promises happens."""
    RECORD = "record"
    """A record is all that the operation is, on AWS too."""
    SIMULATED = "simulated only"
    """Its behaviour is not built: nothing is created, and what does not exist is not found."""
