"""Courier: carries the hints of the bus between the servers of one PostgreSQL database.

What a process of one server says to the others of that server is passed on by NOTIFY, and what other servers
pass on is heard by LISTEN: nobody asks again and again. As on the bus itself, losing a hint costs time and
nothing else, so the connection may break at any moment.
"""

import logging
import threading
from typing import Any, Self

from clary.core.bus import Bus
from clary.store.database import Database

CHANNEL = "clary"
TOPICS = ("due", "row", "changed")
"""What concerns other servers too; logs and exits are of runs on this machine."""
PAUSE = 1.0
"""Seconds before a connection that broke is made again."""

_logger = logging.getLogger("clary.courier")


class Courier:
    """While entered as a context, passes on what ``server`` says and says what others do."""

    def __init__(self, database: Database, bus: Bus, server: str) -> None:
        self._database = database
        self._bus = bus
        self._server = server
        self._listener = bus.listen()
        self._waiting: set[str] = set()
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=work, name=f"courier-{name}", daemon=True)
            for name, work in (("ear", self._overhear), ("out", self._send), ("in", self._receive))
        ]

    def __enter__(self) -> Self:
        """Begin to carry."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; the thread that waits for others ends with the process."""
        self._stopping.set()
        self._listener.wake()
        with self._changed:
            self._changed.notify()
        for thread in self._threads[:2]:
            thread.join()
        self._listener.close()

    def _overhear(self) -> None:
        """Only collect, because a socket holds few messages."""
        while not self._stopping.is_set():
            heard = {f"{topic} {key}" for topic, key in self._listener.receive() if topic in TOPICS}
            with self._changed:
                self._waiting |= heard
                self._changed.notify()

    def _send(self) -> None:
        self._connected(self._notify)

    def _receive(self) -> None:
        self._connected(self._listen)

    def _connected(self, work: Any) -> None:
        """Do ``work`` with a connection, and again with another whenever one breaks."""
        while not self._stopping.is_set():
            try:
                with self._database.driver() as connection:
                    connection.autocommit = True
                    work(connection)
            except Exception:
                _logger.exception("Other servers cannot be heard of for a moment")
                self._stopping.wait(PAUSE)

    def _notify(self, connection: Any) -> None:
        while not self._stopping.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
                told, self._waiting = self._waiting, set()
            with connection.transaction():
                for message in sorted(told):
                    connection.execute(
                        "SELECT pg_notify(%s, %s)", (CHANNEL, f"{self._server} {message}"), prepare=True
                    )

    def _listen(self, connection: Any) -> None:
        connection.execute(f"LISTEN {CHANNEL}")
        for notification in connection.notifies():
            server, topic, key = notification.payload.split(" ", 2)
            if server != self._server:
                self._bus.publish(topic, key, beside=self._listener)
