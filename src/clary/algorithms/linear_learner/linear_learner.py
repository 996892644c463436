"""The algorithm ``linear-learner``, as the guide's page "Linear Learner Algorithm" describes it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Self

from clary.algorithms.linear_learner import dataset
from clary.algorithms.linear_learner.dataset import Reader
from clary.algorithms.linear_learner.evaluation import Chosen, Evaluation
from clary.algorithms.linear_learner.linear_model import LinearModel
from clary.algorithms.linear_learner.losses import make_loss
from clary.algorithms.linear_learner.metrics import METRICS
from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.problem import Problem
from clary.algorithms.linear_learner.refinement import Refinement
from clary.algorithms.linear_learner.row_weights import RowWeights, balance
from clary.algorithms.linear_learner.scaler import Doubles, Normaliser, Scaler
from clary.algorithms.linear_learner.selection import Selection
from clary.algorithms.linear_learner.trainer import fit
from clary.algorithms.linear_learner.variants import variants
from clary.toolkit import media_type
from clary.toolkit.algorithm import ChannelRule, algorithm
from clary.toolkit.batch import Batch
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.tabular import Tabular


@algorithm("linear-learner")
class LinearLearner(Tabular[LinearLearnerParams]):
    """Trains up to 32 linear models in one pass and keeps the one that is best on validation data.

    Answers ``text/csv`` with one line ``score,predicted_label`` a row (of a multiclass classifier all scores
    first), which the guide leaves undocumented; the other answers are as documented.
    """

    Params = LinearLearnerParams
    channels = (
        ChannelRule("train", "Training data.", required=True),
        ChannelRule("validation", "What the best model and its threshold are chosen by."),
        ChannelRule("test", "What the chosen model is measured on."),
    )
    metrics = METRICS
    distributed = True
    accepts = dataset.ACCEPTS
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO, media_type.CSV)

    def __init__(self) -> None:
        self.model: LinearModel | None = None

    def train(
        self, params: LinearLearnerParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Read, normalise, train all models, choose one, bring it to its optimum, report what it is worth."""
        normaliser = Normaliser(params, host.cluster)
        reader = Reader(params, normaliser, report, host)
        train = reader.read(channels["train"])
        shape = (host.cluster.merge(reader.counts.copy()), train.width)
        others = {name: reader.read(channels[name]) for name in ("validation", "test") if name in channels}
        validation = others.get("validation")
        problem = _problem(params, shape, normaliser.scaler)
        pack = fit(problem, train, validation, report, host)
        watched = train if validation is None else validation
        selection = Selection(pack, watched, params, host.cluster, held_out=validation is not None)
        best = Refinement(problem, train, validation, host.cluster).best_of(pack, selection.good())
        settings = {"optimizer": params.optimizer or "adam", **asdict(problem.variants[best])}
        report.info(f"Best model found for hyperparameters: {json.dumps(settings)}")
        weights = pack.model(best)
        raw, bias = normaliser.scaler.unfold(weights)
        self.model = LinearModel(
            params.predictor_type, params.resolved_loss, raw, bias, selection.threshold(best)
        )
        Evaluation(problem, normaliser.scaler, Chosen(weights, self.model), host).report(
            {"train": train, **others}, report
        )

    def save(self, folder: Path) -> None:
        """Write the zip ``model_algo-1``."""
        self._trained().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        loaded = cls()
        loaded.model = LinearModel.load(folder)
        return loaded

    def predict(self, batch: Batch) -> Predictions:
        """Answer every row of ``batch``."""
        return self._trained().predict(batch)

    def _trained(self) -> LinearModel:
        if self.model is None:
            raise ClientError("This linear learner is neither trained nor loaded.")
        return self.model


def _problem(params: LinearLearnerParams, shape: tuple[Doubles, int], scaler: Scaler) -> Problem:
    """Return what is to be trained on rows of ``shape``: how many of each class, and their width."""
    counts, width = shape
    settings = variants(params, (int(counts.sum()), width), balance(counts))
    loss = make_loss(params, scaler.label_scale)
    weights = RowWeights.of(params, settings, counts)
    return Problem(params, settings, loss, weights, scaler.label_scale**loss.degree)
