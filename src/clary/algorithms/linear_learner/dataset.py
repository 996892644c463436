"""A channel as the linear learner wants it: one normalised table with labels that fit the predictor type."""

from collections.abc import Callable

import numpy as np

from clary.algorithms.linear_learner.params import BINARY, REGRESSOR, LinearLearnerParams
from clary.toolkit import media_type
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.examples import Examples
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.sparse import Longs
from clary.toolkit.spool import Spool
from clary.toolkit.stream import Stream
from clary.toolkit.table import Table

ACCEPTS = (media_type.RECORDIO, media_type.CSV, media_type.PARQUET)
SEED = 1
"""Fixed, so that the same job gives the same model."""


class Reader:
    """Reads channels once each: checks, normalises, shuffles and keeps their rows."""

    def __init__(
        self,
        params: LinearLearnerParams,
        normalise: Callable[[Examples, Longs], Examples],
        report: Report,
        host: Host,
    ) -> None:
        self._params, self._normalise, self._report = params, normalise, report
        self._stream = Stream(ACCEPTS, params.feature_dim, host)
        self.counts = np.zeros(_classes(params))
        """How many rows of the channel read last have each label; of a regressor, only how many there are."""

    def read(self, channel: Channel) -> Table:
        """Return the rows of ``channel`` that are this host's to learn from.

        Raises ClientError for data that cannot be learnt from, StoppedError when the job is asked to stop
        meanwhile.
        """
        spool = Spool(SEED, self._normalise)
        self.counts[:] = 0
        for batch in self._stream.batches(channel):
            if self._report.stopping:
                raise StoppedError
            labels = _labels(batch, channel.name, self._params)
            self._count(labels)
            spool.append(batch.rows, labels)
        return spool.table()

    def _count(self, labels: Floats) -> None:
        if len(self.counts) == 1:
            self.counts += len(labels)
        else:
            self.counts += np.bincount(labels.astype(np.intp), minlength=len(self.counts))


def _labels(batch: Batch, channel: str, params: LinearLearnerParams) -> Floats:
    if batch.labels is None or batch.labels.shape[1] != 1:
        raise ClientError(
            f"Channel '{channel}' must have one label for each row: the first column in CSV, label['values'] "
            "in RecordIO-protobuf."
        )
    labels = batch.labels[:, 0]
    if params.predictor_type == REGRESSOR:
        return labels
    classes = _classes(params)
    wrong = (labels < 0) | (labels >= classes) | (labels != np.floor(labels))
    if wrong.any():
        raise ClientError(
            f"Channel '{channel}' has the label {labels[wrong][0]:g}, but the labels of a "
            f"{params.predictor_type} are the integers 0 to {classes - 1}: the first "
            f"column must be the label{', or correct num_classes' if classes > 2 else ''}."
        )
    return labels


def _classes(params: LinearLearnerParams) -> int:
    """Return how many labels there are to count; 1 for a regressor, whose labels are numbers."""
    return 2 if params.predictor_type == BINARY else params.outputs
