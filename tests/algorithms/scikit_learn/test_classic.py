"""What all classic learners do with rows, labels, weights, gaps and mistakes."""

import io
import re
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
import pytest
from scipy import sparse as scipy
from sklearn.linear_model import Ridge as Reference

from clary.algorithms.scikit_learn.decision_tree import DecisionTree
from clary.algorithms.scikit_learn.lasso import Lasso
from clary.algorithms.scikit_learn.naive_bayes import NaiveBayes
from clary.algorithms.scikit_learn.random_forest import RandomForest, RandomForestParams
from clary.algorithms.scikit_learn.ridge import Ridge
from clary.algorithms.scikit_learn.svm import SVM
from clary.toolkit.algorithm import AlgorithmType
from clary.toolkit.batch import Batch
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.formats import libsvm
from clary.toolkit.host import Host
from clary.toolkit.report import Report


def trained(kind: AlgorithmType, folder: Path, given: dict[str, str], **texts: str) -> tuple[Any, str]:
    """Train on channels of CSV, or of libsvm where a colon tells it."""
    channels = {}
    for name, text in texts.items():
        (folder / name).mkdir()
        (folder / name / "data").write_text(text)
        channels[name] = Channel(name, folder / name, "text/libsvm" if ":" in text else "text/csv")
    model, stream = kind(), io.StringIO()
    model.train(kind.Params.parse(given), channels, Report(stream=stream), Host())
    return model, stream.getvalue()


CLASSES = "0,1,1\n0,1,2\n5,4,4\n5,4,5\n"


def test_metrics_of_both_channels_are_in_the_log(tmp_path: Path) -> None:
    _, log = trained(
        DecisionTree, tmp_path, {"predictor_type": "classifier"}, train=CLASSES, validation="0,1,1\n0,4,4\n"
    )
    found = {metric.name: re.findall(metric.regex, log) for metric in DecisionTree.metrics}
    assert found["train:accuracy"] == ["1.0"]
    assert found["validation:accuracy"] == ["0.5"]
    assert found["validation:mse"] == []


def test_classes_are_answered_as_they_were_given(tmp_path: Path) -> None:
    model, _ = trained(DecisionTree, tmp_path, {"predictor_type": "classifier"}, train=CLASSES)
    fields = model.predict(Batch(np.array([[1, 1], [4, 4]], np.float32))).fields
    assert fields["predicted_label"].tolist() == [0, 5]
    assert fields["score"].tolist() == [0, 1]


def test_three_classes_have_three_scores(tmp_path: Path) -> None:
    text = CLASSES + "7,9,9\n7,9,8\n"
    kinds: tuple[AlgorithmType, ...] = (NaiveBayes, SVM)
    for number, kind in enumerate(kinds):
        folder = tmp_path / str(number)
        folder.mkdir()
        given = {} if kind is NaiveBayes else {"predictor_type": "classifier"}
        model, _ = trained(kind, folder, given, train=text)
        fields = model.predict(Batch(np.array([[9, 9]], np.float32))).fields
        assert fields["score"].shape == (1, 3)
        assert fields["predicted_label"].tolist() == [7]


def test_weights_of_libsvm_count(tmp_path: Path) -> None:
    text = "1:1 0:1\n3:3 0:1\n2:1 1:1\n"
    model, _ = trained(Ridge, tmp_path, {"predictor_type": "regressor"}, train=text)
    reference = Reference().fit([[1, 0], [1, 0], [0, 1]], [1, 3, 2], sample_weight=[1, 3, 1])
    answer = model.predict(libsvm.decode(b"0 0:1\n0 1:1\n")).fields["score"]
    np.testing.assert_allclose(answer, reference.predict(np.eye(2)), rtol=1e-6)


def test_weights_reach_the_end_of_a_pipeline(tmp_path: Path) -> None:
    given = {"predictor_type": "classifier", "normalize_data": "true"}
    model, _ = trained(SVM, tmp_path, given, train="0:9 0:1\n1:1 0:1.1\n0:1 0:3\n1:9 0:3.1\n")
    assert model.predict(libsvm.decode(b"0 0:1.05\n0 0:3.05\n")).fields["predicted_label"].tolist() == [0, 1]


def test_rows_that_are_mostly_zero_stay_sparse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    fit = Reference.fit

    def watched(self: Any, rows: Any, labels: Any) -> Any:
        seen.append(rows)
        return fit(self, rows, labels)

    monkeypatch.setattr(Reference, "fit", watched)
    text = "1 5:1\n2 70:1\n3 999:1\n"
    model, _ = trained(Ridge, tmp_path, {"predictor_type": "regressor"}, train=text)
    assert isinstance(seen[0], scipy.csr_matrix)
    assert seen[0].shape == (3, 1000)
    assert model.predict(libsvm.decode(b"0 5:1\n")).fields["score"].shape == (1,)


def test_trees_learn_from_gaps(tmp_path: Path) -> None:
    kinds: tuple[AlgorithmType, ...] = (DecisionTree, RandomForest)
    for number, kind in enumerate(kinds):
        folder = tmp_path / str(number)
        folder.mkdir()
        given = {"predictor_type": "classifier"}
        model, _ = trained(kind, folder, given, train="0,,1\n0,,2\n1,4,4\n1,4,5\n0,,3\n1,5,1\n")
        answer = model.predict(Batch(np.array([[np.nan, 4]], np.float32)))
        assert answer.fields["predicted_label"].tolist() == [0]
    with pytest.raises(ClientError, match="line 1, column 2"):
        (tmp_path / "ridge").mkdir()
        trained(Ridge, tmp_path / "ridge", {"predictor_type": "regressor"}, train="0,,1\n0,2,2\n")


@pytest.mark.parametrize(
    ("kind", "given", "text", "message"),
    [
        (SVM, {"predictor_type": "classifier"}, "0.5,1\n1,2\n", "must be whole numbers"),
        (SVM, {"predictor_type": "classifier"}, "1,1\n1,2\n", "All rows have the same label"),
        (
            NaiveBayes,
            {"distribution": "multinomial"},
            "1,-1\n0,2\n",
            "scikit-learn cannot .* Negative",
        ),
    ],
)
def test_data_that_cannot_be_learnt_from_are_refused(
    tmp_path: Path, kind: AlgorithmType, given: dict[str, str], text: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        trained(kind, tmp_path, given, train=text)


def test_rows_without_labels_are_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("1,2\n")
    channel = Channel("train", tmp_path, "text/csv;label_size=0")
    with pytest.raises(ClientError, match="Channel 'train' must have one label in each row"):
        Lasso().train(Lasso.Params.parse({}), {"train": channel}, Report(stream=io.StringIO()), Host())


def test_a_job_asked_to_stop_does_not_begin_to_fit(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("1,2\n")
    report = Report(stream=io.StringIO())
    report.stopping = True
    with pytest.raises(StoppedError):
        Lasso().train(Lasso.Params.parse({}), {"train": Channel("train", tmp_path)}, report, Host())


def test_warnings_are_told_in_the_log(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(30, 5))
    text = "\n".join(",".join(map(str, [row @ [1, 2, 3, 4, 5], *row])) for row in rows)
    _, log = trained(Lasso, tmp_path, {"alpha": "0.0001", "max_iter": "1"}, train=text)
    assert "Objective did not converge" in log


def test_the_artifact_is_scikit_learns_own(tmp_path: Path) -> None:
    model, _ = trained(RandomForest, tmp_path, {"predictor_type": "classifier"}, train=CLASSES)
    model.save(tmp_path)
    estimator = joblib.load(tmp_path / "model.joblib")
    assert estimator.predict([[4, 4]]).tolist() == [5]
    assert estimator.n_jobs is None
    with pytest.raises(ClientError, match=r"There is no model\.joblib"):
        RandomForest.load(tmp_path / "train")


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (
            DecisionTree,
            {"predictor_type": "regressor", "criterion": "gini"},
            "'criterion' is 'gini', not one of a",
        ),
        (
            SVM,
            {"predictor_type": "regressor", "class_weight": "balanced"},
            "'class_weight' is for classifiers",
        ),
        (
            RandomForest,
            {"predictor_type": "classifier", "bootstrap": "false", "max_samples": "0.5"},
            "'max_samples' is for bootstrap=true",
        ),
    ],
)
def test_what_does_not_go_together_is_named(kind: AlgorithmType, given: dict[str, str], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        kind.Params.parse(given)


def test_the_forest_takes_fewer_features_of_classes() -> None:
    for given, expected in (
        ({"predictor_type": "classifier"}, "sqrt"),
        ({"predictor_type": "regressor"}, None),
        ({"predictor_type": "classifier", "max_features": "all"}, None),
        ({"predictor_type": "classifier", "max_features": "0.5"}, 0.5),
    ):
        params = RandomForest.Params.parse(given)
        assert isinstance(params, RandomForestParams)
        assert RandomForest.estimator(params).max_features == expected
