"""Shards are complete, disjoint and the same on every reader."""

from hypothesis import given
from hypothesis import strategies as st

from clary.compute.shard import Shard


@given(
    st.lists(st.integers(), unique=True), st.integers(1, 5), st.none() | st.integers(0, 9), st.integers(0, 3)
)
def test_shards_of_an_epoch_make_the_whole(
    items: list[int], count: int, seed: int | None, epoch: int
) -> None:
    shards = [Shard(index, count, seed).of(items, epoch) for index in range(count)]
    assert sorted(item for shard in shards for item in shard) == sorted(items)
    sizes = [len(shard) for shard in shards]
    assert max(sizes) - min(sizes) <= 1


def test_a_seed_makes_another_order_in_every_epoch() -> None:
    items = list(range(50))
    orders = [tuple(Shard(seed=1).of(items, epoch)) for epoch in range(5)]
    assert len(set(orders)) == 5
    assert Shard().of(items, 3) == items
