"""A channel as the linear learner wants it: one table with labels that fit the predictor type."""

import numpy as np

from clary.algorithms.linear_learner.params import BINARY, REGRESSOR, LinearLearnerParams
from clary.toolkit import media_type
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.report import Report
from clary.toolkit.spool import Spool, Table

ACCEPTS = (media_type.RECORDIO, media_type.CSV)
SEED = 1
"""Fixed, so that the same job gives the same model."""


def load(channel: Channel, params: LinearLearnerParams, report: Report) -> Table:
    """Read ``channel`` whole; raises ClientError for data that cannot be learnt from.

    Raises StoppedError when the job is asked to stop meanwhile.
    """
    spool = Spool(SEED)
    for batch in channel.batches(ACCEPTS):
        if report.stopping:
            raise StoppedError
        spool.append(batch.features, _labels(batch, channel.name, params))
    table = spool.table()
    width = table.features.shape[1] - 1
    if params.feature_dim not in (None, width):
        raise ClientError(
            f"Channel '{channel.name}' has {width} features but hyperparameter 'feature_dim' is "
            f"{params.feature_dim}: correct it or set it to auto."
        )
    return table


def _labels(batch: Batch, channel: str, params: LinearLearnerParams) -> Floats:
    if batch.labels is None or batch.labels.shape[1] != 1:
        raise ClientError(
            f"Channel '{channel}' must have one label for each row: the first column in CSV, label['values'] "
            "in RecordIO-protobuf."
        )
    if not np.isfinite(batch.features).all() or not np.isfinite(batch.labels).all():
        raise ClientError(f"Channel '{channel}' holds a NaN or an infinity: replace or drop such rows.")
    labels = batch.labels[:, 0]
    if params.predictor_type == REGRESSOR:
        return labels
    classes = 2 if params.predictor_type == BINARY else params.outputs
    wrong = (labels < 0) | (labels >= classes) | (labels != np.floor(labels))
    if wrong.any():
        raise ClientError(
            f"Channel '{channel}' has the label {labels[wrong][0]:g}, but the labels of a "
            f"{params.predictor_type} are the integers 0 to {classes - 1}: the first "
            f"column must be the label{', or correct num_classes' if classes > 2 else ''}."
        )
    return labels
