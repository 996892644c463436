"""Tests of what all doors of one server share."""

import asyncio
import math
from email.utils import parsedate_to_datetime

from clary.core import clock
from clary.gateway.lobby import Doorway, Exchange, Limits, Lobby
from clary.gateway.message import Request


class _Guest:
    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby
        self.deadline = math.inf
        self.told: list[str] = []
        lobby.enter(self)

    def expire(self) -> None:
        self.told.append("expire")
        self.lobby.leave(self)

    def leave(self) -> None:
        self.told.append("leave")

    def abort(self) -> None:
        self.told.append("abort")


def _nowhere(door: Doorway, request: Request) -> Exchange:
    raise AssertionError(request)


def test_a_guest_is_told_of_its_deadline_and_the_date_is_kept() -> None:
    async def scenario() -> None:
        lobby = Lobby(Limits(idle=0.02), _nowhere)
        late, early = _Guest(lobby), _Guest(lobby)
        late.deadline = clock.monotonic() + 0.01
        async with asyncio.timeout(5):
            while not late.told:
                await asyncio.sleep(0.001)
        assert late.told == ["expire"]
        assert early.told == []
        date = parsedate_to_datetime(lobby.date.decode().removeprefix("date: ").rstrip())
        assert abs(date.timestamp() - clock.now()) < 5
        lobby.leave(early)
        await lobby.close(0)

    asyncio.run(scenario())


def test_a_lobby_has_room_for_so_many() -> None:
    async def scenario() -> None:
        lobby = Lobby(Limits(connections=2), _nowhere)
        guests = [_Guest(lobby), _Guest(lobby)]
        full = [lobby.full]
        lobby.leave(guests[0])
        full.append(lobby.full)
        assert full == [True, False]
        lobby.leave(guests[1])
        await lobby.close(0)

    asyncio.run(scenario())


def test_closing_waits_for_guests_and_then_does_not() -> None:
    async def scenario() -> None:
        lobby = Lobby(Limits(), _nowhere)
        patient = _Guest(lobby)
        closing = asyncio.create_task(lobby.close(10))
        await asyncio.sleep(0)
        assert patient.told == ["leave"]
        assert not closing.done()
        lobby.leave(patient)
        await closing
        lobby = Lobby(Limits(), _nowhere)
        stubborn = _Guest(lobby)
        await lobby.close(0.01)
        assert stubborn.told == ["leave", "abort"]

    asyncio.run(scenario())
