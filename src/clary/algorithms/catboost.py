"""The algorithm ``catboost``, as the guide's page "CatBoost" describes it, on the library of that name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from clary.toolkit import environment, extra
from clary.toolkit.algorithm import Metric, algorithm
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import Hyperparameters, choice, integer, integer_or, real
from clary.toolkit.report import Report
from clary.toolkit.supervised import Supervised, problem_type
from clary.toolkit.table_schema import TableSchema
from clary.toolkit.tabular_data import TabularReader

FILE = "model.cbm"
_MISSING = -1
"""The category of values that are missing."""

_REGRESSION = ("RMSE", "MAE", "MedianAbsoluteError", "R2")
_MULTICLASS = ("MultiClass", "Precision", "Recall", "F1", "AUC", "Accuracy")
_BINARY = ("Logloss", "Precision", "Recall", "F1", "AUC", "Accuracy", "BalancedAccuracy")
_FALLING = ("RMSE", "MAE", "MedianAbsoluteError", "Logloss", "MultiClass")
_PROBLEMS = (("RMSE", _REGRESSION), ("Logloss", _BINARY), ("MultiClass", _MULTICLASS))
"""The library's losses and the metrics that go with each, by default the first."""

_OURS = ("verbose", "problem_type", "boosting_type", "max_bin", "eval_metric", "thread_count")
"""Hyperparameters that are not passed on as they are."""

_OF_THE_JOB = ("model_guid", "train_finish_time")
"""What a model's file tells of where and when it was made; without it the same job makes the same file."""


class CatBoostParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them, and ``problem_type``."""

    iterations: int = integer(500, ge=1, about="Trees at most.", tunable=True)
    early_stopping_rounds: int = integer(
        5, about="Trees without a better validation metric after which training ends; 0 and less: never.",
        tunable=True,
    )  # fmt: skip
    eval_metric: str | None = choice(
        "auto", *_REGRESSION, *_BINARY, "MultiClass", default="auto", about="What validation measures."
    )
    learning_rate: float = real(0.009, gt=0, le=1, about="Shrinkage of each tree.", tunable=True)
    depth: int = integer(6, ge=1, le=16, about="Depth of a tree.", tunable=True)
    l2_leaf_reg: float = real(3, ge=0, about="L2 regularization.", tunable=True)
    random_strength: float = real(1.0, ge=0, about="Noise in the scores of splits.", tunable=True)
    max_leaves: int = integer(31, ge=2, le=64, about="Leaves of a tree at most, where it grows by Lossguide.")
    rsm: float = real(1.0, gt=0, le=1, about="Share of features for each split.", tunable=True)
    sampling_frequency: str = choice(
        "PerTreeLevel", "PerTree", default="PerTreeLevel", about="When rows are drawn anew."
    )
    min_data_in_leaf: int = integer(
        1, ge=1, about="Rows of a leaf at least, where trees do not grow symmetrically.", tunable=True
    )
    bagging_temperature: float = real(1.0, ge=0, about="How much the weights of rows vary.", tunable=True)
    boosting_type: str = choice("Auto", "Ordered", "Plain", default="Auto", about="The kind of boosting.")
    scale_pos_weight: float = real(1.0, gt=0, about="Weight of rows of the positive class.", tunable=True)
    max_bin: int | str = integer_or(
        "Auto", default="Auto", ge=1, le=65535, about="Borders of a numeric feature at most."
    )
    grow_policy: str = choice(
        "SymmetricTree", "Depthwise", "Lossguide", default="SymmetricTree", about="How trees grow."
    )
    random_seed: int = integer(1, ge=0, about="The seed of all that is drawn by chance.")
    thread_count: int = integer(-1, ge=-1, about="Threads; -1 is one for each core of the job.")
    verbose: int = integer(1, ge=0, about="Trees after which metrics are told; 0: never.")
    problem_type: str | None = problem_type()

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        if self.boosting_type == "Ordered" and self.grow_policy != "SymmetricTree":
            return ["'boosting_type' Ordered needs 'grow_policy' SymmetricTree: change one of them"]
        return []


@algorithm("catboost")
class CatBoost(Supervised[CatBoostParams]):
    """Classifies or estimates rows by boosted trees that know categories."""

    Params = CatBoostParams
    needs = ("catboost",)
    metrics = tuple(
        Metric(name, "bestTest = ([0-9.]+)", name in _FALLING)
        for name in dict.fromkeys((*_REGRESSION, *_BINARY, *_MULTICLASS))
    )

    def __init__(self) -> None:
        super().__init__()
        self._model: Any = None

    def train(
        self, params: CatBoostParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Read all rows, then boost until the validation metric has not improved for a while."""
        library = extra.load("catboost", "catboost")
        data = TabularReader(self.accepts, report, host, params.random_seed).read(
            channels, params.problem_type
        )
        self._schema = data.schema
        model = library.CatBoost(_settings(params, data.schema))
        watch = _Watch(report)
        try:
            model.fit(
                _pool(library, data.train.features, data.schema, data.train.labels),
                eval_set=_pool(library, data.validation.features, data.schema, data.validation.labels),
                verbose=params.verbose or False,
                log_cout=_Lines(report),
                log_cerr=_Lines(report),
                callbacks=[watch],
            )
        except library.CatBoostError as error:
            raise ClientError(f"CatBoost cannot learn from this: {error}") from error
        metadata = model.get_metadata()
        for name in _OF_THE_JOB:
            del metadata[name]
        self._model = model

    def save(self, folder: Path) -> None:
        """Write the model in the library's own format, and ``schema.json``."""
        self.schema.save(folder)
        self._model.save_model(str(folder / FILE))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        library = extra.load("catboost", "catboost")
        loaded = cls()
        loaded._schema = TableSchema.load(folder)
        loaded._model = library.CatBoost()
        try:
            loaded._model.load_model(str(folder / FILE))
        except library.CatBoostError as error:
            raise ClientError(f"{folder / FILE} is not a model of CatBoost: {error}") from error
        return loaded

    def scores(self, rows: Floats) -> npt.NDArray[Any]:
        """Return the probabilities of rows, (rows, classes), or their amounts, (rows,)."""
        library = extra.load("catboost", "catboost")
        kind = "RawFormulaVal" if self.schema.classes is None else "Probability"
        scores = self._model.predict(
            _pool(library, rows, self.schema), prediction_type=kind, thread_count=environment.threads()
        )
        return np.asarray(scores)


class _Lines:
    """A file for the library to write its log to, which becomes the job's."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._begun = ""

    def write(self, text: str) -> int:
        """Pass whole lines on."""
        *whole, self._begun = (self._begun + text).split("\n")
        for line in whole:
            if line:
                self._report.plain(line)
        return len(text)

    def flush(self) -> None:
        """Do nothing: the rest of a line is still to come."""


class _Watch:
    """Ends training when the job is asked to stop."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def after_iteration(self, _info: object) -> bool:
        """Tell whether to go on."""
        return not self._report.stopping


def _settings(params: CatBoostParams, schema: TableSchema) -> dict[str, Any]:
    """Return the library's own settings."""
    settings = {name: value for name, value in params.values().items() if name not in _OURS}
    binary = schema.classes is not None and len(schema.classes) == 2
    loss, metrics = _PROBLEMS[0 if schema.classes is None else 1 if binary else 2]
    metric = params.eval_metric or metrics[0]
    if metric not in metrics:
        raise ClientError(
            f"'{metric}' is no 'eval_metric' of this problem, whose loss is {loss}: give one of "
            f"{', '.join(metrics)}, or auto."
        )
    if not binary:
        del settings["scale_pos_weight"]
    # Trees that grow by their best leaf have no levels at which rows could be drawn.
    del settings["sampling_frequency" if params.grow_policy == "Lossguide" else "max_leaves"]
    if params.grow_policy == "SymmetricTree":
        del settings["min_data_in_leaf"]
    if params.early_stopping_rounds <= 0:
        del settings["early_stopping_rounds"]
    if params.boosting_type != "Auto":
        settings["boosting_type"] = params.boosting_type
    if params.max_bin != "Auto":
        settings["max_bin"] = params.max_bin
    return settings | {
        "loss_function": loss,
        "eval_metric": metric,
        "thread_count": params.thread_count if params.thread_count > 0 else environment.threads(),
        "bootstrap_type": "Bayesian",  # the only one that bagging_temperature is about
        "allow_writing_files": False,
    }


def _pool(library: Any, features: Floats, schema: TableSchema, labels: Floats | None = None) -> Any:
    """Return rows as the library takes them: an array, or columns of which some hold categories."""
    names = schema.feature_names
    if not schema.categorical:
        return library.Pool(features, labels, feature_names=names)
    pandas = extra.load("pandas", "catboost")
    columns = {
        number: _categories(column) if number in schema.categorical else column
        for number, column in enumerate(np.ascontiguousarray(features.T))
    }
    return library.Pool(
        pandas.DataFrame(columns), labels, cat_features=list(schema.categorical), feature_names=names
    )


def _categories(column: Floats) -> npt.NDArray[np.int64]:
    return np.where(np.isnan(column), _MISSING, column).astype(np.int64)
