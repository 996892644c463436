"""LDA finds the topics of documents, refines them, and answers how much of each is in a document."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.algorithms.lda import LDA
from clary.toolkit import ndarray
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.formats import recordio
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from tests.algorithms.conftest import TrainRows, trained
from tests.algorithms.lda.conftest import SIDE, TOPICS, bars, documents

GIVEN: dict[str, object] = {"feature_dim": SIDE * SIDE, "num_topics": TOPICS, "mini_batch_size": 500}


def distance(words: Floats) -> float:
    """Return the mean distance of each true topic to the nearest found."""
    return float(np.abs(bars()[:, None] - words[None]).sum(axis=2).min(axis=1).mean())


def test_topics_are_found_and_refined(train_rows: TrainRows) -> None:
    counts, _ = documents(2000)
    fresh, mixtures = documents(500, seed=1)
    plain, log = train_rows(LDA, GIVEN, train=counts, test=fresh)
    refined, better = train_rows(LDA, {**GIVEN, "refine_iterations": 5}, train=counts, test=fresh)
    assert distance(plain.topics.words) < 0.25
    assert distance(refined.topics.words) < 0.6 * distance(plain.topics.words)
    before, after = (
        float(re.findall(r"#quality_metric: host=algo-1, test pwll <score>=(\S+)", each)[0])
        for each in (log, better)
    )
    assert before < after < 0
    assert "Topics refined: pass 5 of 5" in better
    order = np.abs(bars()[:, None] - refined.topics.words[None]).sum(axis=2).argmin(axis=1)
    answer = refined.predict(Batch(fresh)).fields["topic_mixture"]
    assert np.abs(answer[:, order] - mixtures).mean() < 0.04


def test_the_model_file_is_a_list_of_alpha_and_beta(train_rows: TrainRows, tmp_path: Path) -> None:
    model, _ = train_rows(LDA, {**GIVEN, "alpha0": 2}, train=documents(800)[0])
    model.save(tmp_path)
    arrays = ndarray.read(tmp_path / "model_algo-1")
    assert [array.shape for array in arrays.values()] == [(TOPICS,), (TOPICS, 16)]
    assert arrays["0"].sum() == pytest.approx(2, rel=1e-5)
    np.testing.assert_allclose(arrays["1"].sum(axis=1), 1, rtol=1e-5)
    assert (arrays["1"] > 0).all()


def test_sparse_documents_make_the_model_of_dense_ones(train_rows: TrainRows, tmp_path: Path) -> None:
    counts, _ = documents(300)
    dense, _ = train_rows(LDA, GIVEN, train=counts)
    rows = [{int(word): float(row[word]) for word in np.flatnonzero(row)} for row in counts]
    folder = tmp_path / "sparse"
    folder.mkdir()
    (folder / "data").write_bytes(recordio.write_sparse(rows, SIDE * SIDE))
    sparse: Any = trained(LDA, GIVEN, {"train": Channel("train", folder)}, Host())[0]
    np.testing.assert_allclose(sparse.topics.words, dense.topics.words, rtol=1e-4, atol=1e-6)


def test_short_documents_are_left_out_and_few_are_enough(train_rows: TrainRows) -> None:
    counts = np.concatenate([documents(3)[0], np.eye(SIDE * SIDE, dtype=np.float32)[:4]])
    model, log = train_rows(LDA, GIVEN, train=counts)
    assert "4 documents of fewer than 3 words are left out" in log
    assert model.topics.words.shape == (TOPICS, 16)
    assert np.isfinite(model.topics.words).all()
    assert np.isfinite(model.predict(Batch(counts)).fields["topic_mixture"]).all()


def test_what_are_no_counts_is_refused(train_rows: TrainRows) -> None:
    counts, _ = documents(20)
    with pytest.raises(ClientError, match="rows must be counts of words, not shares"):
        train_rows(LDA, GIVEN, train=counts / 60)
    with pytest.raises(ClientError, match="has -1 of a word"):
        train_rows(LDA, GIVEN, train=np.where(counts > 5, -1, counts).astype(np.float32))
    with pytest.raises(ClientError, match="Channel 'test' holds no words"):
        train_rows(LDA, GIVEN, train=counts, test=np.zeros((2, SIDE * SIDE), np.float32))


def test_a_job_that_is_asked_to_stop_stops(tmp_path: Path) -> None:
    folder = tmp_path / "train"
    folder.mkdir()
    (folder / "data").write_bytes(recordio.write(documents(200)[0]))
    report = Report(stream=io.StringIO())
    report.stopping = True
    params = LDA.Params.parse({name: str(value) for name, value in GIVEN.items()})
    with pytest.raises(StoppedError):
        LDA().train(params, {"train": Channel("train", folder)}, report, Host())


def test_a_folder_without_topics_says_so(tmp_path: Path) -> None:
    ndarray.write(tmp_path / "model_algo-1", [np.ones(3, np.float32)])
    with pytest.raises(ClientError, match="does not hold the alpha and beta"):
        LDA.load(tmp_path)
