"""The algorithm ``xgboost``, as the guide's page "XGBoost Algorithm" and its open container describe it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from clary.algorithms.xgboost import payload
from clary.algorithms.xgboost.metrics import METRICS
from clary.algorithms.xgboost.params import XGBoostParams
from clary.toolkit import environment, extra, media_type
from clary.toolkit.algorithm import ChannelRule, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.batch import Batch
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import ENCODERS, csv
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.request import Request
from clary.toolkit.tabular import Tabular

if TYPE_CHECKING:
    from clary.algorithms.xgboost.ensemble import Ensemble


@algorithm("xgboost")
class XGBoost(Tabular[XGBoostParams]):
    """Boosted trees, or linear models, for regression, classification, ranking and survival."""

    Params = XGBoostParams
    channels = (
        ChannelRule("train", "Training data; of CSV the first column is the label.", True),
        ChannelRule("validation", "What the metrics of each round are measured on, and early stopping."),
    )
    needs = ("xgboost",)
    metrics = METRICS
    distributed = True
    accepts = (media_type.CSV, media_type.LIBSVM, media_type.PARQUET, media_type.RECORDIO)
    requests = (
        media_type.CSV, media_type.LIBSVM, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO,
    )  # fmt: skip
    responses = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)

    def __init__(self) -> None:
        self._ensemble: Ensemble | None = None

    @property
    def ensemble(self) -> "Ensemble":
        """The boosters that were trained or loaded."""
        if self._ensemble is None:
            raise ClientError("There is no model yet.")
        return self._ensemble

    def train(
        self, params: XGBoostParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Boost for as many rounds as asked for, or until the validation data say that it is enough."""
        extra.load("xgboost", "xgboost")
        from clary.algorithms.xgboost.ensemble import Ensemble  # noqa: PLC0415
        from clary.algorithms.xgboost.training import Training, tell_importance  # noqa: PLC0415

        boosters = Training(params, self.accepts, report, host).run(channels)
        if boosters:
            self._ensemble = Ensemble(boosters)
            if host.cluster.leads:
                tell_importance(boosters, report, host.output)

    def save(self, folder: Path) -> None:
        """Write ``xgboost-model`` in UBJSON; of cross-validation one file for each fold."""
        self.ensemble.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the models in ``folder``, which answer together where there are several."""
        extra.load("xgboost", "xgboost")
        from clary.algorithms.xgboost.ensemble import Ensemble  # noqa: PLC0415

        loaded = cls()
        loaded._ensemble = Ensemble.load(folder)
        return loaded

    def predict(self, batch: Batch) -> Predictions:
        """Answer every row with its score: a number, or the probabilities of all classes."""
        ensemble, keys = self.ensemble, environment.inference_output()
        answers = ensemble.predict(batch)
        if keys:
            from clary.algorithms.xgboost import selection  # noqa: PLC0415

            return selection.selected(ensemble, answers, keys, batch.echoes)
        return Predictions({"score": answers}, echoes=batch.echoes)

    def answer(self, request: Request) -> Answer:
        """Answer rows as SageMaker's container does, with its statuses; an empty body has an empty answer."""
        if not request.body.strip():
            return Answer(b"", status=204)
        kind = request.kind(self.requests).name
        asked = request.accept if request.accept not in ("", "*/*") else environment.default_accept()
        accept = media_type.negotiate(asked, self.responses).name
        predictions = self.predict(payload.decoded(bytes(request.body), kind))
        encode = _lines if accept == media_type.CSV else ENCODERS[accept]
        return Answer(encode(predictions), accept)

    @classmethod
    def script_functions(cls) -> Mapping[str, Callable[..., Any]]:
        """Return what the functions of an inference script do where the script leaves them out."""
        extra.load("xgboost", "xgboost")
        from clary.algorithms.xgboost import script  # noqa: PLC0415

        return {"model_fn": script.model_fn, "input_fn": script.input_fn, "predict_fn": script.predict_fn}


def _lines(predictions: Predictions) -> bytes:
    """Return CSV as the container does: scores on one line, except of batches and where a row has many."""
    if environment.inference_output():
        from clary.algorithms.xgboost import selection  # noqa: PLC0415

        return selection.encode(predictions) + (b"\n" if environment.is_batch() else b"")
    scores = predictions.fields["score"]
    if scores.ndim > 1 or environment.is_batch():
        return csv.encode(predictions)
    return ",".join(map(repr, scores.tolist())).encode()
