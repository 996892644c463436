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
from clary.toolkit.sparse import Longs, Sparse
from clary.toolkit.spool import Spool
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
        self._params, self._normalise, self._report, self._host = params, normalise, report, host
        self._width: int | None = None  # that of the first channel
        self.counts = np.zeros(_classes(params))
        """How many rows of the channel read last have each label; of a regressor, only how many there are."""

    def read(self, channel: Channel) -> Table:
        """Return the rows of ``channel`` that are this host's to learn from.

        Raises ClientError for data that cannot be learnt from, StoppedError when the job is asked to stop
        meanwhile.
        """
        spool = Spool(SEED, self._normalise)
        seen, turn = 0, _turn(channel.name, self._host)
        self.counts[:] = 0
        for batch in channel.batches(ACCEPTS):
            if self._report.stopping:
                raise StoppedError
            self._check_width(batch, channel.name)
            labels = _labels(batch, channel.name, self._params)
            rows = batch.rows
            if turn is not None:
                mine = np.arange(
                    (turn - seen) % self._host.cluster.size, len(labels), self._host.cluster.size
                )
                seen += len(labels)
                rows = rows.take(mine) if isinstance(rows, Sparse) else rows[mine]
                labels = labels[mine]
            self._count(labels)
            spool.append(rows, labels)
        return spool.table()

    def _count(self, labels: Floats) -> None:
        if len(self.counts) == 1:
            self.counts += len(labels)
        else:
            self.counts += np.bincount(labels.astype(np.intp), minlength=len(self.counts))

    def _check_width(self, batch: Batch, channel: str) -> None:
        width = batch.rows.shape[1]
        if self._params.feature_dim not in (None, width):
            raise ClientError(
                f"Channel '{channel}' has {width} features but hyperparameter 'feature_dim' is "
                f"{self._params.feature_dim}: correct it or set it to auto."
            )
        self._width = self._width or width
        if self._width != width:
            raise ClientError(
                f"Channel '{channel}' has {width} features where channel 'train' has {self._width}."
            )


def _turn(channel: str, host: Host) -> int | None:
    """Return which of as many rows as there are hosts is this host's; None if it has a part anyway."""
    return host.cluster.rank if host.cluster.size > 1 and channel in host.shared else None


def _labels(batch: Batch, channel: str, params: LinearLearnerParams) -> Floats:
    if batch.labels is None or batch.labels.shape[1] != 1:
        raise ClientError(
            f"Channel '{channel}' must have one label for each row: the first column in CSV, label['values'] "
            "in RecordIO-protobuf."
        )
    values = batch.rows.values if isinstance(batch.rows, Sparse) else batch.rows
    if not _finite(values) or not _finite(batch.labels):
        raise ClientError(f"Channel '{channel}' holds a NaN or an infinity: replace or drop such rows.")
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


def _finite(values: Floats) -> bool:
    """Tell whether all values are finite; their sum, which is cheaper, settles it nearly always."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(values.sum()) or np.isfinite(values).all())
