"""The algorithm ``factorization-machines``, as the guide's page "Factorization Machines Algorithm" has it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import numpy as np

from clary.algorithms.factorization_machines.machine import Machine
from clary.algorithms.factorization_machines.params import BINARY, FactorizationMachinesParams
from clary.algorithms.factorization_machines.tally import METRICS, Tally
from clary.algorithms.factorization_machines.trainer import fit
from clary.toolkit import media_type
from clary.toolkit.algorithm import RUNNING, ChannelRule, Metric, algorithm
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.spool import Spool
from clary.toolkit.stream import Stream
from clary.toolkit.tabular import Tabular

_SEED = 11
_HOST = r"#quality_metric: host=\S+, "


def _metrics(name: str, logged: str) -> tuple[Metric, ...]:
    """Return the definitions of one metric: on channel test, and of training as it goes."""
    return (
        Metric(f"test:{name}", rf"{_HOST}test {logged}=(\S+)", minimize=logged.endswith("<loss>")),
        Metric(f"train:{name}", rf"{_HOST}train {logged}=(\S+)"),
        Metric(f"train:{name}:epoch", rf"{_HOST}epoch=\S+, train {logged}=(\S+)"),
        Metric(f"train:{name}:batch", rf"{_HOST}epoch=\S+, batch=\S+ train {logged}=(\S+)"),
    )


@algorithm("factorization-machines")
class FactorizationMachines(Tabular[FactorizationMachinesParams]):
    """Predicts a number, or 0 or 1, from features of which few are not zero, and from pairs of them."""

    Params = FactorizationMachinesParams
    channels = (
        ChannelRule("train", "Training data with one label for each row.", required=True),
        ChannelRule("test", "What the model is measured on."),
    )
    metrics = (*(each for item in METRICS.items() for each in _metrics(*item)), *RUNNING)
    distributed = True
    accepts = (media_type.RECORDIO,)
    requests = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)

    def __init__(self) -> None:
        self.machine: Machine | None = None

    def train(
        self,
        params: FactorizationMachinesParams,
        channels: Mapping[str, Channel],
        report: Report,
        host: Host,
    ) -> None:
        """Read and shuffle the rows, take the steps, report what the machine is worth."""
        stream = Stream(self.accepts, params.feature_dim, host)
        spool = Spool(_SEED)
        for batch in stream.batches(channels["train"]):
            if report.stopping:
                raise StoppedError
            spool.append(batch.rows, _labels(batch, "train", params))
        self.machine = machine = fit(params, spool.table(), report, host.cluster)
        if not np.isfinite(machine.weights).all() or not np.isfinite(machine.bias).all():
            raise ClientError(
                "Training diverged, and the model is not finite: lower bias_lr, linear_lr or factors_lr, "
                "or give clip_gradient."
            )
        if "test" in channels:
            tally = Tally(params.predictor_type)
            for batch in stream.batches(channels["test"]):
                tally.add(machine.scores(batch.rows), _labels(batch, "test", params))
            for metric, value in tally.metrics(host.cluster).items():
                report.quality("test", metric, value)
                report.test_score(metric.split(" ")[0], value)

    def save(self, folder: Path) -> None:
        """Write the zip ``model_algo-1``."""
        self._trained().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        loaded = cls()
        loaded.machine = Machine.load(folder)
        return loaded

    def predict(self, batch: Batch) -> Predictions:
        """Answer every row of ``batch``."""
        return self._trained().predict(batch)

    def _trained(self) -> Machine:
        if self.machine is None:
            raise ClientError("This factorization machine is neither trained nor loaded.")
        return self.machine


def _labels(batch: Batch, channel: str, params: FactorizationMachinesParams) -> Floats:
    """Return the labels of ``batch``, (rows,); raises ClientError where there is none, or none that fits."""
    if batch.labels is None or batch.labels.shape[1] != 1:
        raise ClientError(f"Channel '{channel}' must have one label for each row, in label['values'].")
    labels = batch.labels[:, 0]
    if params.predictor_type == BINARY:
        wrong = (labels != 0) & (labels != 1)
        if wrong.any():
            raise ClientError(
                f"Channel '{channel}' has the label {labels[wrong][0]:g}, but those of a binary_classifier "
                "are 0 and 1: correct them, or set predictor_type to regressor."
            )
    return labels
