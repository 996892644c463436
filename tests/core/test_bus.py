"""The bus tells every listener, loses nothing but time, and never blocks whoever speaks."""

import socket
import threading
from pathlib import Path

import pytest

from clary.core.bus import Bus


@pytest.fixture
def bus(short_path: Path) -> Bus:
    return Bus(short_path)


def test_every_listener_hears_every_message_in_order(bus: Bus) -> None:
    one, two = bus.listen(), bus.listen()
    bus.publish("due", "a")
    bus.publish("exit", "a.algo-1")
    for listener in (one, two):
        assert listener.receive(1) == [("due", "a"), ("exit", "a.algo-1")]
        listener.close()


def test_a_listener_waits_for_the_first_message_only(bus: Bus) -> None:
    listener = bus.listen()
    assert listener.receive(0) == []
    assert listener.receive(0.001) == []
    listener.close()


def test_the_socket_of_a_listener_that_is_gone_is_cleared_away(bus: Bus) -> None:
    listener = bus.listen()
    listener.socket.close()  # as a killed process leaves it
    assert listener.path.exists()
    bus.publish("due", "a")
    assert not listener.path.exists()


def test_a_listener_that_closes_leaves_no_socket(bus: Bus) -> None:
    listener = bus.listen()
    listener.close()
    assert list(bus.folder.iterdir()) == []


def test_a_listener_without_room_loses_messages_but_holds_nobody_up(bus: Bus) -> None:
    full, empty = bus.listen(), bus.listen()
    for number in range(2000):
        bus.publish("row", str(number))
        empty.receive(0)
    bus.publish("row", "last")
    assert empty.receive(1) == [("row", "last")]
    assert 0 < len(full.receive(0)) < 2000
    full.close()
    empty.close()


def test_wake_ends_a_wait_in_another_thread(bus: Bus) -> None:
    listener = bus.listen()
    heard: list[list[tuple[str, str]]] = []
    thread = threading.Thread(target=lambda: heard.append(listener.receive(20)))
    thread.start()
    listener.wake()
    thread.join(10)
    assert heard == [[("wake", "")]]
    listener.close()


def test_wake_does_not_block_where_there_is_no_room(bus: Bus) -> None:
    listener = bus.listen()
    for _ in range(2000):  # far more than the kernel keeps for a socket
        listener.wake()
    assert listener.receive(0)
    listener.close()


def test_wake_of_a_closed_listener_is_no_error(bus: Bus) -> None:
    listener = bus.listen()
    listener.close()
    listener.wake()


def test_a_key_may_hold_spaces(bus: Bus) -> None:
    listener = bus.listen()
    bus.publish("changed", "Endpoint/a b")
    assert listener.receive(1) == [("changed", "Endpoint/a b")]
    listener.close()


def test_a_selector_can_wait_on_a_listener(bus: Bus) -> None:
    listener = bus.listen()
    assert listener.fileno() == listener.socket.fileno()
    assert listener.socket.type == socket.SOCK_DGRAM
    listener.close()
