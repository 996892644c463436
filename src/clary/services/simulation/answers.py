"""Answers: what invocations are to be answered, as a test has said beforehand."""

import threading
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable

from clary.core.exchange import Document


class Answers:
    """Queues of answers, one for each name (a kind of invocation in a region); safe to share between threads.

    Who asks for the first time gets the next answer, and the same one whenever it asks again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: defaultdict[Hashable, deque[Document]] = defaultdict(deque)
        self._given: dict[Hashable, Document] = {}

    def put(self, queue: Hashable, answers: Iterable[Document]) -> None:
        """Append ``answers`` to a queue."""
        with self._lock:
            self._queues[queue].extend(answers)

    def take(self, queue: Hashable, asked: Hashable) -> Document | None:
        """Return the answer to what is ``asked``, None where none is left in the queue."""
        with self._lock:
            known = (queue, asked)
            if known not in self._given and self._queues[queue]:
                self._given[known] = self._queues[queue].popleft()
            return self._given.get(known)

    def clear(self) -> None:
        """Forget all that was said and asked."""
        with self._lock:
            self._queues.clear()
            self._given.clear()
