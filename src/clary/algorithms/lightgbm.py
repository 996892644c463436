"""The algorithm ``lightgbm``, as the guide's page "LightGBM" describes it, on the library of that name.

Several hosts train by the library's own protocol over sockets: each has its share of the rows, and the
histograms of all are added up. What they watch, validation and the word to stop, goes through the cluster.
"""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from clary.toolkit import environment, extra
from clary.toolkit.algorithm import Metric, algorithm
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import Hyperparameters, boolean, choice, integer, real
from clary.toolkit.report import Report, is_worth_a_line
from clary.toolkit.row_store import Rows
from clary.toolkit.supervised import Supervised, problem_type
from clary.toolkit.table_schema import TableSchema
from clary.toolkit.tabular_data import TabularData, TabularReader

FILE = "model.txt"
_SEED = 1
_WIDE = 1000
"""Features from which the library is the faster when it builds histograms by columns."""

_REGRESSION = ("rmse", "l1", "l2", "huber", "fair")
_BINARY = ("binary_logloss", "binary_error", "auc", "average_precision", "cross_entropy")
_MULTICLASS = ("multi_logloss", "multi_error", "auc_mu")
_PROBLEMS = (("regression", _REGRESSION), ("binary", _BINARY), ("multiclass", _MULTICLASS))
"""The library's objectives and the metrics that go with each, by default the first."""

_RISING = ("auc", "average_precision", "auc_mu")
_OURS = ("num_boost_round", "early_stopping_rounds", "metric", "problem_type")
"""Hyperparameters that are not passed on as they are."""

_OF_THE_JOB = ("[machines:", "[local_listen_port:")
"""How lines of the model's file begin that tell where it was trained."""


class LightGBMParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them, and ``problem_type``."""

    num_boost_round: int = integer(100, ge=1, about="Boosting rounds at most.", tunable=True)
    early_stopping_rounds: int = integer(
        10, about="Rounds without a better validation metric after which training ends; 0 and less: never."
    )
    metric: str | None = choice(
        "auto", *_REGRESSION, *_BINARY, *_MULTICLASS, default="auto", about="What validation measures."
    )
    learning_rate: float = real(0.1, gt=0, le=1, about="Shrinkage of each tree.", tunable=True)
    num_leaves: int = integer(64, ge=2, le=131072, about="Leaves of a tree at most.", tunable=True)
    feature_fraction: float = real(0.9, gt=0, le=1, about="Share of features for each tree.", tunable=True)
    bagging_fraction: float = real(0.9, gt=0, le=1, about="Share of rows drawn for trees.", tunable=True)
    bagging_freq: int = integer(1, ge=0, about="Rounds after which rows are drawn anew.", tunable=True)
    max_depth: int = integer(6, about="Depth of a tree at most; 0 and less: no limit.", tunable=True)
    min_data_in_leaf: int = integer(3, ge=0, about="Rows of a leaf at least.", tunable=True)
    max_delta_step: float = real(0.0, about="Output of a leaf at most; 0 and less: no limit.")
    lambda_l1: float = real(0.0, ge=0, about="L1 regularization.", tunable=True)
    lambda_l2: float = real(0.0, ge=0, about="L2 regularization.", tunable=True)
    boosting: str = choice("gbdt", "rf", "dart", "goss", default="gbdt", about="The kind of boosting.")
    min_gain_to_split: float = real(0.0, ge=0, about="Gain of a split at least.", tunable=True)
    scale_pos_weight: float = real(1.0, gt=0, about="Weight of rows of the positive class.", tunable=True)
    tree_learner: str = choice(
        "serial", "feature", "data", "voting",
        default="serial", about="How several hosts share the work; serial stands for data there.",
    )  # fmt: skip
    feature_fraction_bynode: float = real(1.0, gt=0, le=1, about="Share of features for each node.")
    is_unbalance: bool = boolean(False, about="Whether classes weigh the same, however many rows they have.")
    max_bin: int = integer(255, ge=2, about="Bins of a feature at most.")
    tweedie_variance_power: float = real(1.5, ge=1, lt=2, about="Variance of the Tweedie distribution.")
    num_threads: int = integer(0, ge=0, about="Threads; 0 is one for each core of the job.")
    verbosity: int = integer(1, about="How much the library tells: below 0 only fatal errors.")
    problem_type: str | None = problem_type()

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        if self.is_unbalance and self.scale_pos_weight != 1:
            return ["hyperparameters 'is_unbalance' and 'scale_pos_weight' exclude each other: give one"]
        if self.boosting == "rf" and not (self.bagging_freq and self.bagging_fraction < 1):
            return ["'boosting' rf draws rows: set 'bagging_freq' above 0 and 'bagging_fraction' below 1"]
        return []


@algorithm("lightgbm")
class LightGBM(Supervised[LightGBMParams]):
    """Classifies or estimates rows by boosted trees."""

    Params = LightGBMParams
    needs = ("lightgbm",)
    metrics = tuple(
        Metric(name, f"{name}: ([0-9.]+)", name not in _RISING)
        for name in (*_REGRESSION, *_BINARY[:-1], *_MULTICLASS, _BINARY[-1])
    )
    distributed = True

    def __init__(self) -> None:
        super().__init__()
        self._booster: Any = None

    def train(
        self, params: LightGBMParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Read all rows, then boost until the validation metric has not improved for a while."""
        library = extra.load("lightgbm", "lightgbm")
        library.register_logger(_Log(report))
        data = TabularReader(self.accepts, report, host, _SEED).read(channels, params.problem_type)
        self._schema = data.schema
        settings = _settings(params, data.schema) | _network(params, host.cluster)
        watch = _Watch(params, settings["metric"], report, host.cluster)
        booster = _boosted(library, settings, data, watch, params.num_boost_round)
        lines = booster.model_to_string(num_iteration=watch.best or -1).splitlines(keepends=True)
        text = "".join(line for line in lines if not line.startswith(_OF_THE_JOB))
        booster.free_network()
        self._booster = library.Booster(model_str=text)

    def save(self, folder: Path) -> None:
        """Write the model in the library's own text format, and ``schema.json``."""
        self.schema.save(folder)
        (folder / FILE).write_text(self._booster.model_to_string(), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        library = extra.load("lightgbm", "lightgbm")
        loaded = cls()
        loaded._schema = TableSchema.load(folder)
        path = folder / FILE
        try:
            loaded._booster = library.Booster(model_str=path.read_text(encoding="utf-8"))
        except (OSError, ValueError, library.basic.LightGBMError) as error:
            raise ClientError(f"{path} is not a model of LightGBM: {error}.") from error
        return loaded

    def scores(self, rows: Floats) -> npt.NDArray[Any]:
        """Return the probabilities of rows, (rows, classes), or their amounts, (rows,)."""
        scores = np.asarray(self._booster.predict(rows, num_threads=environment.threads()))
        if self.schema.classes is not None and scores.ndim == 1:
            return np.stack([1 - scores, scores], axis=1)
        return scores


class _Log:
    """Passes the library's words on to the job's log."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def info(self, text: str) -> None:
        """Write what the library tells."""
        self._report.info(text.rstrip())

    warning = info


class _Watch:
    """Looks at the validation metric after each round, over the rows of all hosts, and says when to end."""

    def __init__(self, params: LightGBMParams, metric: str, report: Report, cluster: Cluster) -> None:
        # Rounds of dart change the trees before them, so that an earlier model is not a part of a later one.
        self._patience = 0 if params.boosting == "dart" else params.early_stopping_rounds
        self._metric, self._report, self._cluster = metric, report, cluster
        self._value = 0.0
        self.best = 0
        """The round of the best metric, counted from 1; 0 as long as all rounds are kept."""

    def goes_on(self, number: int, here: float, rows: int) -> bool:
        """Take the metric of this host's ``rows`` after round ``number``, from 1; tell whether to go on."""
        power = 2 if self._metric == "rmse" else 1
        sums = np.array([here**power * rows, rows, self._report.stopping], np.float64)
        total, count, stopping = self._cluster.merge(sums).tolist()
        value = (total / count) ** (1 / power)
        if is_worth_a_line(number):
            self._tell(number, value)
        if stopping or self._patience <= 0:
            return not stopping
        better = value > self._value if self._metric in _RISING else value < self._value
        if better or not self.best:
            self.best, self._value = number, value
        elif number - self.best >= self._patience:
            self._report.info(f"Early stopping, best iteration is: {self.best}")
            self._tell(self.best, self._value)
            return False
        return True

    def _tell(self, number: int, value: float) -> None:
        text = np.format_float_positional(value, trim="-")
        self._report.plain(f"[{number}]\tvalid_0's {self._metric}: {text}")


def _boosted(library: Any, settings: dict[str, Any], data: TabularData, watch: _Watch, rounds: int) -> Any:
    """Return the library's booster once it has been trained; raises ClientError for what it refuses."""
    try:
        train = _dataset(library, settings, data, data.train)
        booster = library.Booster(settings, train)  # which joins the network, before rows become bins
        watched = len(data.validation)
        if watched:
            booster.add_valid(_dataset(library, settings, data, data.validation, train), "valid_0")
        for number in range(1, rounds + 1):
            ended = booster.update()
            here = booster.eval_valid()[0][2] if watched else 0.0
            if not watch.goes_on(number, here, watched) or ended:
                break
    except library.basic.LightGBMError as error:
        raise ClientError(f"LightGBM cannot learn from this: {error}") from error
    return booster


def _dataset(
    library: Any, settings: dict[str, Any], data: TabularData, rows: Rows, reference: Any = None
) -> Any:
    return library.Dataset(
        rows.features,
        rows.labels,
        reference=reference,
        feature_name=data.schema.feature_names,
        categorical_feature=list(data.schema.categorical),
        params=settings,
    )


def _settings(params: LightGBMParams, schema: TableSchema) -> dict[str, Any]:
    """Return the library's own settings."""
    settings = {name: value for name, value in params.values().items() if name not in _OURS}
    binary = schema.classes is not None and len(schema.classes) == 2
    objective, metrics = _PROBLEMS[0 if schema.classes is None else 1 if binary else 2]
    metric = params.metric or metrics[0]
    if metric not in metrics:
        raise ClientError(
            f"'{metric}' is no 'metric' of this problem, whose objective is {objective}: give one of "
            f"{', '.join(metrics)}, or auto."
        )
    if not binary:
        del settings["scale_pos_weight"], settings["is_unbalance"]
    return settings | {
        "objective": objective,
        "metric": metric,
        "num_threads": params.num_threads or environment.threads(),
        "seed": _SEED,
        "deterministic": True,  # which the choice of an order by measuring time would not be
        "force_col_wise" if schema.width >= _WIDE else "force_row_wise": True,
        **({} if schema.classes is None or binary else {"num_class": len(schema.classes)}),
    }


def _network(params: LightGBMParams, cluster: Cluster) -> dict[str, Any]:
    """Return how hosts find each other; each says which port of its is free."""
    if cluster.size == 1:
        return {}
    address = socket.gethostbyname(cluster.hosts[cluster.rank])
    if address.startswith("127."):
        address = "127.0.0.1"  # the library looks for its own address among those of network interfaces
    with socket.socket() as listener:
        listener.bind(("", 0))
        port = int(listener.getsockname()[1])
        mine = np.array([*map(int, address.split(".")), port], np.int64)
        everybody = cluster.gather(mine).reshape(-1, 5).tolist()
    return {
        "machines": ",".join(f"{'.'.join(map(str, parts))}:{at}" for *parts, at in everybody),
        "num_machines": cluster.size,
        "local_listen_port": port,
        "pre_partition": True,
        "tree_learner": "data" if params.tree_learner == "serial" else params.tree_learner,
    }
