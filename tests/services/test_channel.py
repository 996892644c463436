"""Which host gets what of a channel, and in which order."""

from typing import Any

from clary.services import channel, cluster
from clary.services.data_source import Found

CLUSTER = cluster.of(
    {
        "InstanceGroups": [
            {"InstanceGroupName": "a", "InstanceCount": 2, "InstanceType": "ml.m5.large"},
            {"InstanceGroupName": "b", "InstanceCount": 1, "InstanceType": "ml.m5.large"},
        ]
    },
    "job",
)
STORED: Any = None
OBJECTS = [Found(STORED, f"part-{number}") for number in range(7)]


def asked(distribution: str, groups: list[str] | None = None, seed: int | None = None) -> dict[str, Any]:
    source: dict[str, Any] = {"S3DataDistributionType": distribution}
    shuffle = {} if seed is None else {"ShuffleConfig": {"Seed": seed}}
    return {
        "DataSource": {"S3DataSource": source | ({"InstanceGroupNames": groups} if groups else {})},
        **shuffle,
    }


def portions(wanted: dict[str, Any], epoch: int = 0) -> list[list[str]]:
    return [
        [found.name for found in channel.shard(wanted, CLUSTER, host).of(OBJECTS, epoch)]
        for host in CLUSTER.hosts
        if channel.receives(wanted, host)
    ]


def test_a_replicated_channel_is_whole_on_every_host() -> None:
    assert [len(names) for names in portions(asked("FullyReplicated"))] == [7, 7, 7]


def test_shards_are_even_and_complete() -> None:
    found = portions(asked("ShardedByS3Key"))
    assert found[0] == ["part-0", "part-3", "part-6"]
    assert sorted(len(names) for names in found) == [2, 2, 3]
    assert sorted(name for names in found for name in names) == [one.name for one in OBJECTS]


def test_shards_are_for_the_groups_that_are_named() -> None:
    assert portions(asked("ShardedByS3Key", ["b"])) == [[one.name for one in OBJECTS]]
    assert len(portions(asked("ShardedByS3Key", ["a"]))) == 2


def test_a_seed_decides_the_order_of_each_epoch() -> None:
    shuffled = portions(asked("ShardedByS3Key", seed=3))
    assert shuffled == portions(asked("ShardedByS3Key", seed=3))
    assert shuffled != portions(asked("ShardedByS3Key"))
    assert shuffled != portions(asked("ShardedByS3Key", seed=3), epoch=1)
    assert sorted(name for names in shuffled for name in names) == [one.name for one in OBJECTS]
