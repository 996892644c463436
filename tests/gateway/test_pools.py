"""Tests of the pools of all replicas."""

import asyncio
from typing import TYPE_CHECKING

from clary.gateway.message import Lines
from clary.gateway.pools import Pools
from clary.gateway.upstream import UpstreamError

if TYPE_CHECKING:
    from tests.gateway.conftest import Play, World


class _Waiter:
    """A receiver that only wants to know when it is over."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    def answer_head(self, status: int, reason: bytes, lines: Lines) -> None:
        return

    def answer_data(self, data: bytes) -> None:
        return

    def answer_end(self) -> None:
        self.done.set()

    def answer_whole(self, status: int, reason: bytes, lines: Lines, body: bytes) -> None:
        self.done.set()

    def answer_failed(self, error: UpstreamError) -> None:
        self.done.set()

    def upstream_full(self) -> None:
        return

    def upstream_ready(self) -> None:
        return


def test_pools_count_what_is_busy_and_drop_what_is_gone(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        pools = Pools(4)
        assert pools.busy(world.control.address) == 0
        pool, waiter = pools.to(world.control.address), _Waiter()
        pool.call(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", waiter, complete=True)
        assert pools.busy(world.control.address) == 1
        await waiter.done.wait()
        await world.until(lambda: pools.busy(world.control.address) == 0)
        pools.to("another")
        assert pools.to(world.control.address) is pool  # its connection is open
        await world.control.close()
        await world.until(lambda: pool.size == 0)
        pools.to("a third")
        assert pools.to(world.control.address) is not pool
        pools.close()

    play(scenario)
