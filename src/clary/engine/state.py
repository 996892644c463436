"""State: how far an operation does what it promises."""

from enum import StrEnum


class State(StrEnum):
    """What a caller may rely on."""

    REAL = "real"
    RECORD = "record"
    SIMULATED = "simulated only"

    @property
    def meaning(self) -> str:
        """Return what the word stands for, as a sentence without its full stop."""
        return _MEANINGS[self]


_MEANINGS = {
    State.REAL: "what it promises happens",
    State.RECORD: "a record is all that it is, on AWS too",
    State.SIMULATED: "its behaviour is not built; nothing is created, and what does not exist is not found; "
    "only `clary up --simulate` serves it, and runs nothing",
}
