"""The algorithm ``linear-learner``, as the guide's page "Linear Learner Algorithm" describes it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Self

from clary.algorithms.linear_learner import dataset
from clary.algorithms.linear_learner.evaluation import Chosen, evaluate
from clary.algorithms.linear_learner.linear_model import LinearModel
from clary.algorithms.linear_learner.losses import make_loss
from clary.algorithms.linear_learner.metrics import METRICS
from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.row_weights import RowWeights, balance
from clary.algorithms.linear_learner.scaler import Scaler
from clary.algorithms.linear_learner.selection import Choice, choose
from clary.algorithms.linear_learner.trainer import Problem, fit
from clary.algorithms.linear_learner.variants import variants
from clary.toolkit import media_type
from clary.toolkit.algorithm import Algorithm, ChannelRule, algorithm
from clary.toolkit.batch import Batch
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.spool import Table


@algorithm("linear-learner")
class LinearLearner(Algorithm[LinearLearnerParams]):
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
    accepts = dataset.ACCEPTS
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO, media_type.CSV)

    def __init__(self) -> None:
        self.model: LinearModel | None = None

    def train(self, params: LinearLearnerParams, channels: Mapping[str, Channel], report: Report) -> None:
        """Read, normalise, train all models, choose one, report what it is worth."""
        tables = {
            name: dataset.load(channels[name], params, report)
            for name in ("train", "validation", "test")
            if name in channels
        }
        _check_widths(tables)
        train, validation = tables["train"], tables.get("validation")
        scaler = Scaler.fit(train, params)
        for table in tables.values():
            scaler.apply(table)
        settings = variants(params, len(train), balance(train.labels))
        loss = make_loss(params, scaler.label_scale)
        problem = Problem(
            params,
            settings,
            loss,
            RowWeights.of(params, settings, train.labels),
            scaler.label_scale**loss.degree,
        )
        pack = fit(problem, train, validation, report)
        choice = choose(
            pack, train if validation is None else validation, params, held_out=validation is not None
        )
        _announce(problem, choice, report)
        weights = pack.model(choice.model)
        raw, bias = scaler.unfold(weights)
        self.model = LinearModel(params.predictor_type, params.resolved_loss, raw, bias, choice.threshold)
        evaluate(problem, scaler, Chosen(weights, self.model), tables, report)

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


def _check_widths(tables: Mapping[str, Table]) -> None:
    width = tables["train"].features.shape[1]
    for name, table in tables.items():
        if table.features.shape[1] != width:
            raise ClientError(
                f"Channel '{name}' has {table.features.shape[1] - 1} features where channel 'train' has "
                f"{width - 1}."
            )


def _announce(problem: Problem, choice: Choice, report: Report) -> None:
    """Name the settings of the winner."""
    params = problem.params
    settings = {"optimizer": params.optimizer or "adam", **asdict(problem.variants[choice.model])}
    report.info(f"Best model found for hyperparameters: {json.dumps(settings)}")
