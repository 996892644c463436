"""A stream cuts what it reads into minibatches of one size, and each host takes its share."""

from pathlib import Path

import pytest

from clary.toolkit import media_type
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.stream import Stream


def channel(folder: Path, name: str, rows: int, width: int = 2) -> Channel:
    (folder / name).mkdir()
    for part in range(3):
        lines = [",".join([str(part * rows + row)] * width) for row in range(rows)]
        (folder / name / f"{part}.csv").write_text("\n".join(lines))
    return Channel(name, folder / name, "text/csv;label_size=0")


@pytest.mark.parametrize("size", [1, 4, 7, 100])
def test_minibatches_hold_all_rows_in_order(tmp_path: Path, size: int) -> None:
    stream = Stream((media_type.CSV,), 2, Host())
    found = [rows[:, 0].tolist() for rows in stream.minibatches(channel(tmp_path, "train", 5), size)]
    assert [number for rows in found for number in rows] == list(range(15))
    assert {len(rows) for rows in found[:-1]} <= {size}
    assert 0 < len(found[-1]) <= size


@pytest.mark.parametrize("count", [2, 3])
def test_hosts_share_what_each_has_whole(tmp_path: Path, count: int) -> None:
    data = channel(tmp_path, "train", 5)
    hosts = [f"algo-{number}" for number in range(count)]
    seen: list[float] = []
    for host in hosts:
        stream = Stream((media_type.CSV,), None, Host(Cluster(hosts, host), shared=frozenset({"train"})))
        seen += [row for batch in stream.batches(data) for row in batch.features[:, 0].tolist()]
    assert sorted(seen) == list(range(15))


def test_a_width_that_differs_is_named(tmp_path: Path) -> None:
    first, other = channel(tmp_path, "train", 2), channel(tmp_path, "test", 2, width=3)
    with pytest.raises(ClientError, match="feature_dim' is 1: correct it, or label_size in the content type"):
        list(Stream((media_type.CSV,), 1, Host()).batches(first))
    stream = Stream((media_type.CSV,), None, Host())
    list(stream.batches(first))
    with pytest.raises(ClientError, match="Channel 'test' has 3 features where channel 'train' has 2"):
        list(stream.batches(other))


def test_values_may_be_missing_and_labels_may_not(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    data = Channel("train", tmp_path / "train", "text/csv")
    stream = Stream((media_type.CSV,), None, Host(), missing=True)
    (tmp_path / "train" / "part").write_text("1,,2\n")
    (batch,) = stream.batches(data)
    assert str(batch.features.tolist()) == "[[nan, 2.0]]"
    (tmp_path / "train" / "part").write_text(",1,2\n")
    with pytest.raises(ClientError, match="holds a NaN"):
        list(stream.batches(data))
