"""How well labels are predicted, counted as the rows pass."""

import numpy as np
import numpy.typing as npt

from clary.algorithms.knn.params import CLASSIFIER
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.report import Report


class Score:
    """Counts what is right of predictions of ``classes``, (classes,), or how far off numbers are."""

    def __init__(self, predictor_type: str, classes: Floats) -> None:
        self._classifies, self._classes = predictor_type == CLASSIFIER, classes
        self._sums = np.zeros(2)  # rows, squared errors
        self._counts = np.zeros((3, len(classes) + 1))  # right, predicted, true; the last is none of these

    def add(self, predicted: npt.NDArray[np.float64], labels: Floats) -> None:
        """Count rows, of which both have the shape (rows,)."""
        self._sums += len(labels), np.square(predicted - labels).sum()
        if self._classifies:
            ours, theirs = self._numbers(predicted), self._numbers(labels)
            places = len(self._classes) + 1
            self._counts += [
                np.bincount(found, minlength=places) for found in (ours[ours == theirs], ours, theirs)
            ]

    def tell(self, report: Report, cluster: Cluster) -> None:
        """Report what all hosts have counted."""
        rows, squares = cluster.merge(self._sums)
        right, predicted, true = cluster.merge(self._counts)
        if not self._classifies:
            mse = float(squares / rows)
            report.quality("test", "mse <loss>", mse)
            report.test_score("mse", mse)
            return
        accuracy = float(right.sum() / rows)
        there = predicted + true > 0
        report.quality("test", "accuracy <score>", accuracy)
        report.test_score("accuracy", accuracy)
        report.test_score("macro_f_1.000", float(np.mean(2 * right[there] / (predicted + true)[there])))

    def _numbers(self, labels: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
        """Return the number of each label's class."""
        places = np.minimum(np.searchsorted(self._classes, labels), len(self._classes) - 1)
        return np.where(self._classes[places] == labels, places, len(self._classes))
