"""The pools of all replicas, by address."""

from clary.gateway.pool import Pool


class Pools:
    """One pool for each address, made when it is first called."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pools: dict[str, Pool] = {}

    def to(self, address: str) -> Pool:
        """Return the pool of ``address``; pools that fell idle for good are dropped on the way."""
        pool = self._pools.get(address)
        if pool is None:
            self._pools = {known: pool for known, pool in self._pools.items() if pool.size or pool.busy}
            pool = self._pools[address] = Pool(address, self._limit)
        return pool

    def busy(self, address: str) -> int:
        """Return how many calls to ``address`` are under way or waiting."""
        pool = self._pools.get(address)
        return 0 if pool is None else pool.busy

    def close(self) -> None:
        """Close every connection of every pool."""
        for pool in self._pools.values():
            pool.close()
