"""Cards: what each algorithm says of itself, in the shapes of AWS's DescribeAlgorithm."""

import copy
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from clary.compute.environment import ground
from clary.core.errors import ClaryError, validation
from clary.core.exchange import Document

_TIMEOUT = 120.0
_TAIL = 500  # characters of standard error that a message quotes


class Cards:
    """The cards of all algorithms, asked for once and in a process of its own: the server imports none."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-m", "clary.toolkit", "describe")) -> None:
        self._command = command
        self._cards: dict[str, Document] = {}
        self._lock = threading.Lock()

    def card(self, name: str) -> Document:
        """Return an algorithm's card, the caller's to change; raises ClaryError where there is none.

        It has a TrainingSpecification and an InferenceSpecification, both without image and instance types,
        and as MissingExtras what is to be installed before the algorithm can run.
        """
        with self._lock:
            if not self._cards or self._cards.get(name, {}).get("MissingExtras"):
                self._cards = self._describe()
        if name not in self._cards:
            raise validation(f"Algorithm {name!r} is unknown. Known: {', '.join(sorted(self._cards))}.")
        card = self._cards[name]
        if "Failure" in card:
            raise validation(f"Algorithm {name!r} cannot be imported on this server: {card['Failure']}.")
        return copy.deepcopy(card)

    def all(self) -> dict[str, Document]:
        """Return the cards of all algorithms that can be imported, by name."""
        with self._lock:
            self._cards = self._cards or self._describe()
            return {name: card for name, card in self._cards.items() if "Failure" not in card}

    def missing(self) -> dict[str, list[str]]:
        """Return which extras are missing, by algorithm."""
        cards = self.all().items()
        return {name: card["MissingExtras"] for name, card in cards if card.get("MissingExtras")}

    def _describe(self) -> dict[str, Document]:
        home = Path(tempfile.gettempdir())
        try:
            done = subprocess.run(
                self._command, env=ground(home), capture_output=True, check=True, timeout=_TIMEOUT
            )
            cards: dict[str, Document] = json.loads(done.stdout)
        except subprocess.CalledProcessError as error:
            raise _failed(error.stderr.decode(errors="replace")[-_TAIL:]) from error
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise _failed(str(error)) from error
        return cards


def _failed(why: str) -> ClaryError:
    return ClaryError("InternalFailure", f"The algorithms could not be described: {why}", 500)
