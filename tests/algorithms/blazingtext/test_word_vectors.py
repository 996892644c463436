"""Hosts that share a text find vectors as good as those of one host that has it all."""

import io
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.algorithms.blazingtext import BlazingText
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from tests.algorithms.blazingtext.conftest import sentences, topics_kept, written

GIVEN = {
    "mode": "batch_skipgram",
    "vector_dim": "16",
    "epochs": "10",
    "min_count": "1",
    "sampling_threshold": "0.01",
}


@pytest.mark.parametrize("sharded", [True, False])
def test_hosts_learn_one_model(tmp_path: Path, sharded: bool) -> None:
    lines = sentences(800)
    network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
    names = [f"{network}.2", f"{network}.3"]
    shared: frozenset[str] = frozenset() if sharded else frozenset({"train"})

    def one(number: int) -> Any:
        channel = written(tmp_path / str(number) / "train", lines[number::2] if sharded else lines)
        cluster = Cluster.join(names, names[number], timeout=20)
        report, params = Report(stream=io.StringIO()), BlazingText.Params.parse(GIVEN)
        try:
            model = BlazingText()
            model.train(params, {"train": channel}, report, Host(cluster, None, shared))
            return model.model
        finally:
            cluster.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(one, range(2))
    assert first.vocabulary.words == second.vocabulary.words
    assert first.vocabulary.tokens == 800 * 14
    np.testing.assert_allclose(first.vectors, second.vectors, atol=1e-6)
    words = [word.decode() for word in first.vocabulary.words]
    assert topics_kept(words, first.of(first.vocabulary.words)) > 0.9


def test_other_modes_train_on_one_host(tmp_path: Path) -> None:
    channel = written(tmp_path / "train", sentences(5))
    host = Host(Cluster(["algo-1", "algo-2"], "algo-1"))
    params = BlazingText.Params.parse({"mode": "cbow"})
    with pytest.raises(ClientError, match="Mode 'cbow' trains on one instance: set InstanceCount to 1"):
        BlazingText().train(params, {"train": channel}, Report(stream=io.StringIO()), host)
