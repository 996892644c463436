"""The algorithm ``forecasting-deepar``, as the guide's page "DeepAR Forecasting Algorithm" describes it.

One recurrent network learns from all series what comes next, as a distribution, and forecasts each by drawing
paths from it (Salinas, Flunkert, Gasthaus: "DeepAR", 2017).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from clary.algorithms.deepar.examination import Examination
from clary.algorithms.deepar.frequency import Frequency
from clary.algorithms.deepar.params import DeepARParams
from clary.algorithms.deepar.requests import parsed, parsed_lines
from clary.algorithms.deepar.series import ACCEPTS, Series, of, read
from clary.algorithms.deepar.windows import Shape, Windows
from clary.toolkit import environment, extra, media_type
from clary.toolkit.algorithm import RUNNING, Algorithm, ChannelRule, Metric, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.request import Request

if TYPE_CHECKING:
    from clary.algorithms.deepar.forecast import Forecast
    from clary.algorithms.deepar.network import Network

WEIGHTS, ABOUT = "model.npz", "model.json"
_LOGGED = r"#quality_metric: host=\S+, {}{} {} <loss>=(\S+)"


@algorithm("forecasting-deepar")
class DeepAR(Algorithm[DeepARParams]):
    """Forecasts time series."""

    Params = DeepARParams
    channels = (
        ChannelRule("train", "Time series to learn from, JSON Lines or Parquet.", required=True),
        ChannelRule("test", "Time series whose last prediction_length points are forecast and compared."),
    )
    needs = ("torch",)
    metrics = (
        Metric("test:RMSE", _LOGGED.format("", "test", "RMSE"), minimize=True),
        Metric("test:mean_wQuantileLoss", _LOGGED.format("", "test", "mean_wQuantileLoss"), minimize=True),
        Metric("train:final_loss", _LOGGED.format("", "train", "final_loss"), minimize=True),
        Metric("train:loss", _LOGGED.format(r"epoch=\S+, ", "train", "loss")),
        Metric("train:loss:batch", _LOGGED.format(r"epoch=\S+, batch=\S+ ", "train", "loss")),
        *RUNNING,
    )
    distributed = True
    modes = ("File", "FastFile")
    accepts = ACCEPTS[:-1]
    requests = (media_type.JSON, media_type.JSON_LINES)
    responses = (media_type.JSON, media_type.JSON_LINES)

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._shape: Shape
        self._network: Network

    def train(
        self, params: DeepARParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Read all series, learn the network from them, measure it on the test channel."""
        extra.load("torch", "torch")
        from clary.algorithms.deepar.training import Trainer, built  # noqa: PLC0415
        from clary.toolkit.neural import device  # noqa: PLC0415

        examination = Examination(params, host.cluster)
        series = examination.checked(_own(channels["train"], params, host))
        self._shape = examination.shape(series)
        self._given = _settings(params)
        self._network = built(params, self._shape).to(device.choose())
        report.info(f"Training set has {len(series)} time series on this host, lags {self._shape.lags}")
        Trainer(self._network, params, host, report).fit(Windows(series, self._shape))
        if "test" in channels and host.cluster.leads:
            self._evaluate(
                examination.fitting(read(channels["test"], self._frequency), self._shape), params, report
            )

    def _evaluate(self, series: list[Series], params: DeepARParams, report: Report) -> None:
        """Forecast what the series end in, and report how far that was off."""
        from clary.algorithms.deepar import evaluation  # noqa: PLC0415

        ahead = self._shape.prediction
        whole = [each for each in series if len(each.target) > ahead]
        report.info(f"Test set has {len(whole)} time series of more than prediction_length points")
        if not whole:
            return
        truth = np.stack([each.target[-ahead:] for each in whole])
        known = [Series(each.start, each.target[:-ahead], each.categories, each.dynamic) for each in whole]
        found = self._forecasts(known, params.num_eval_samples)
        losses = {
            level: evaluation.weighted_quantile_loss(found, truth, level) for level in params.test_quantiles
        }
        scores = {
            "RMSE": evaluation.root_mean_squared_error(found, truth),
            "mean_wQuantileLoss": float(np.mean(list(losses.values()))),
        }
        for name, value in scores.items():
            report.info(f"#test_score ({report.host}, {name}): {value}")
        for level, value in losses.items():
            report.info(f"#test_score ({report.host}, wQuantileLoss[{level:g}]): {value}")
        for name, value in scores.items():
            report.quality("test", f"{name} <loss>", value)

    @property
    def _frequency(self) -> Frequency:
        return self._shape.frequency

    def _forecasts(self, series: Sequence[Series], count: int) -> "list[Forecast]":
        from clary.algorithms.deepar.forecast import forecasts  # noqa: PLC0415

        return forecasts(self._network, Windows(series, self._shape), self._shape, count)

    def save(self, folder: Path) -> None:
        """Write the weights as ``model.npz`` and what the network sees as ``model.json``."""
        from clary.toolkit.neural import weights  # noqa: PLC0415

        shape = self._shape
        about = {
            "hyperparameters": self._given,
            "lags": shape.lags,
            "cardinality": shape.cardinality,
            "mean": shape.mean.tolist(),
            "deviation": shape.deviation.tolist(),
        }
        (folder / ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
        weights.write(folder / WEIGHTS, weights.arrays(self._network))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        extra.load("torch", "torch")
        from clary.algorithms.deepar.training import built  # noqa: PLC0415
        from clary.toolkit.neural import device, weights  # noqa: PLC0415

        loaded = cls()
        try:
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
            params = DeepARParams.parse(about["hyperparameters"])
            loaded._given, loaded._shape = about["hyperparameters"], _shape(params, about)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClientError(f"{folder} does not hold a DeepAR model: {error!r}.") from error
        loaded._network = built(params, loaded._shape)
        weights.restore(loaded._network, weights.read(folder / WEIGHTS))
        loaded._network.to(device.choose())
        return loaded

    def answer(self, request: Request) -> Answer:
        """Answer series with forecasts: ``{"predictions": [...]}``, or in JSON Lines one object a line."""
        lines = request.kind(self.requests).name == media_type.JSON_LINES
        accept = request.wanted(self.responses[::-1] if lines else self.responses)
        if lines:
            instances, asked = parsed_lines(request.body, environment.deepar_inference_config())
        else:
            instances, asked = parsed(request.body)
        series = [
            self._fitting(of(instance, self._frequency, f"Instance {number}"), number)
            for number, instance in enumerate(instances)
        ]
        views = map(asked.view, self._forecasts(series, asked.num_samples))
        if accept.name == media_type.JSON_LINES:
            return Answer("".join(f"{json.dumps(view)}\n" for view in views).encode(), accept.name)
        return Answer(json.dumps({"predictions": list(views)}).encode(), accept.name)

    def _fitting(self, series: Series, number: int) -> Series:
        """Return the series as the network needs it; raises ClientError when it lacks something."""
        shape, place = self._shape, f"Instance {number}"
        if len(series.categories) != len(shape.cardinality) and shape.cardinality:
            raise ClientError(
                f"{place}: 'cat' must hold {len(shape.cardinality)} categories, as in training; "
                f"got {len(series.categories)}."
            )
        features, points = len(shape.mean), len(series.target) + shape.prediction
        if features and (series.features != features or _length(series) != points):
            raise ClientError(
                f"{place}: 'dynamic_feat' must hold {features} lists of {points} numbers, to the end of the "
                "forecast."
            )
        categories = series.categories if shape.cardinality else ()
        return Series(series.start, series.target, categories, series.dynamic if features else None)


def _own(channel: Channel, params: DeepARParams, host: Host) -> list[Series]:
    """Return this host's series: all of its part of the data, or every so many of data that all have."""
    found = read(channel, Frequency.parse(params.time_freq))
    size = host.cluster.size if channel.name in host.shared else 1
    return [each for number, each in enumerate(found) if number % size == host.cluster.rank % size]


def _length(series: Series) -> int:
    return 0 if series.dynamic is None else series.dynamic.shape[1]


def _settings(params: DeepARParams) -> dict[str, str]:
    """Return the hyperparameters that the network is made by, as a user gives them."""
    given = {
        name: getattr(params, name)
        for name in (
            "context_length", "prediction_length", "time_freq", "epochs", "likelihood", "num_cells",
            "num_layers", "embedding_dimension", "dropout_rate",
        )
    }  # fmt: skip
    return {name: str(value) for name, value in given.items()}


def _shape(params: DeepARParams, about: Mapping[str, Any]) -> Shape:
    def floats(name: str) -> Floats:
        return np.array(about[name], np.float32)

    return Shape(
        Frequency.parse(params.time_freq),
        params.context_length,
        params.prediction_length,
        tuple(about["lags"]),
        tuple(about["cardinality"]),
        floats("mean"),
        floats("deviation"),
    )
