"""Shard: which items of a list one of several readers gets, and in which order on each pass over them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Shard:
    """Every ``count``-th item from the ``index``-th on, after ``seed``, if any, has shuffled all of them."""

    index: int = 0
    count: int = 1
    seed: int | None = None

    def of(self, items: Sequence[Item], epoch: int) -> Sequence[Item]:
        """Return the shard of ``items`` in an epoch, counted from 0; all readers shuffle alike."""
        if self.seed is not None:
            order = random.Random(f"{self.seed} {epoch}")  # noqa: S311 - an order, no secret
            items = order.sample(items, len(items))
        return items[self.index :: self.count]
