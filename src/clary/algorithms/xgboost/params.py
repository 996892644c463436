"""XGBoost's hyperparameters: those of the guide's page, and what its container takes besides."""

from collections.abc import Mapping
from typing import Any, Self

from clary.algorithms.xgboost import constraints, metrics
from clary.toolkit.hyperparameters import Hyperparameters, boolean, choice, integer, real

OBJECTIVES = (
    "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax", "multi:softprob",
    "rank:pairwise", "rank:ndcg", "rank:map", "reg:absoluteerror", "reg:gamma", "reg:linear", "reg:logistic",
    "reg:pseudohubererror", "reg:quantileerror", "reg:squarederror", "reg:squaredlogerror", "reg:tweedie",
    "survival:aft", "survival:cox",
)  # fmt: skip

GROWERS = {"grow_colmaker": "exact", "grow_histmaker": "approx", "grow_quantile_histmaker": "hist"}
"""The tree method that each updater which grows trees is a part of."""

_LINEAR = ("shotgun", "coord_descent")
_PASSING = ("prune", "refresh", "sync")
_GONE = ("distcol", "grow_local_histmaker", "grow_skmaker")
_UPDATERS = (*GROWERS, *_LINEAR, *_PASSING, *_GONE)

_ALIASES = {
    "learning_rate": "eta", "min_split_loss": "gamma", "reg_lambda": "lambda", "reg_alpha": "alpha",
}  # fmt: skip

_OURS = frozenset(
    {
        "num_round", "csv_weights", "early_stopping_rounds", "save_model_on_termination", "_kfold",
        "_num_cv_round", "eval_metric", "nthread", "updater", "tree_method", "device", "objective",
    }
)  # fmt: skip
"""What the library gets in another form, or not at all."""

_RETIRED = frozenset(
    {
        "predictor", "dsplit", "prob_buffer_row", "use_dask_gpu_training", "sketch_eps", "lambda_bias",
        "deterministic_histogram", "single_precision_histogram",
    }
)  # fmt: skip
"""What versions of the library took that had settings the present one does by itself."""


class XGBoostParams(
    Hyperparameters,
    **{"lambda": real(1.0, ge=0, tunable=True, about="L2 regularisation of leaf weights.")},
):
    """Names, types, ranges and defaults as SageMaker documents them.

    ``given`` holds the names that a job sets: for the others the library's own defaults hold, which depend on
    each other and on the data.
    """

    given: frozenset[str] = frozenset()

    num_round: int = integer(ge=1, tunable=True, about="Rounds of boosting.")
    num_class: int | None = integer(None, ge=2, about="Number of classes; required for multi:*.")
    objective: str = choice(*OBJECTIVES, default="reg:squarederror", about="What is learnt.")
    eval_metric: tuple[str, ...] | None = constraints.words(
        metrics.is_known,
        about="Metrics of the training and the validation data; by default that of the objective.",
        rule=f"some of {', '.join((*metrics.MINIMIZED, *metrics.MAXIMIZED))}, between commas",
    )
    early_stopping_rounds: int | None = integer(
        None, ge=1, about="Rounds without improvement on the validation data that end the training."
    )
    seed: int = integer(0, gt=-(2**31), lt=2**31 - 1, about="Seed of all random numbers.")
    csv_weights: int = integer(0, ge=0, le=1, about="Whether the second column of CSV weighs the rows.")
    booster: str = choice("gbtree", "gblinear", "dart", default="gbtree", about="What is boosted.")
    tree_method: str | None = choice(
        "auto", "exact", "approx", "hist", "gpu_hist", default="auto", about="How splits are found."
    )
    device: str = choice("cpu", "cuda", "gpu", default="cpu", about="Where trees are grown.")
    base_score: float | None = real(None, ge=0, about="Prediction before the first tree.")
    eta: float = real(0.3, ge=0, le=1, tunable=True, about="What each tree's weights are multiplied by.")
    learning_rate: float | None = real(None, ge=0, le=1, tunable=True, about="Another name of eta.")
    gamma: float = real(0.0, ge=0, tunable=True, about="Least loss that a split must save.")
    min_split_loss: float | None = real(None, ge=0, tunable=True, about="Another name of gamma.")
    reg_lambda: float | None = real(None, ge=0, tunable=True, about="Another name of lambda.")
    alpha: float = real(0.0, ge=0, tunable=True, about="L1 regularisation of leaf weights.")
    reg_alpha: float | None = real(None, ge=0, tunable=True, about="Another name of alpha.")
    max_depth: int = integer(6, ge=0, tunable=True, about="Depth of a tree; 0 sets no limit.")
    max_leaves: int = integer(0, ge=0, about="Leaves of a tree; 0 sets no limit.")
    max_bin: int = integer(256, ge=2, about="Bins of a feature for hist and approx.")
    grow_policy: str = choice("depthwise", "lossguide", default="depthwise", about="Which leaf splits first.")
    min_child_weight: float = real(1.0, ge=0, tunable=True, about="Least sum of row weights in a leaf.")
    max_delta_step: float = real(0.0, ge=0, tunable=True, about="Largest weight of a leaf; 0 sets no limit.")
    subsample: float = real(1.0, gt=0, le=1, tunable=True, about="Share of rows that a tree sees.")
    sampling_method: str = choice(
        "uniform", "gradient_based", default="uniform", about="How those rows are drawn."
    )
    colsample_bytree: float = real(1.0, gt=0, le=1, tunable=True, about="Share of features of a tree.")
    colsample_bylevel: float = real(1.0, gt=0, le=1, tunable=True, about="Share of features of a level.")
    colsample_bynode: float = real(1.0, gt=0, le=1, tunable=True, about="Share of features of a split.")
    num_parallel_tree: int = integer(1, ge=1, about="Trees that a round grows side by side.")
    scale_pos_weight: float = real(1.0, gt=0, about="Weight of positive rows.")
    monotone_constraints: str | None = constraints.signs(about="Whether features may only raise or lower.")
    interaction_constraints: str | None = constraints.groups(about="Features that may stand on one path.")
    process_type: str = choice(
        "default", "update", default="default", about="Whether trees are grown, or those of a model changed."
    )
    updater: tuple[str, ...] | None = constraints.words(
        _UPDATERS.__contains__,
        about="Modules that grow or change trees, in order.",
        rule=f"some of {', '.join(_UPDATERS)}, between commas",
    )
    refresh_leaf: int = integer(1, ge=0, le=1, about="Whether the updater refresh changes leaves too.")
    sample_type: str = choice("uniform", "weighted", default="uniform", about="How dart drops trees.")
    normalize_type: str = choice("tree", "forest", default="tree", about="Weight of dart's new trees.")
    rate_drop: float = real(0.0, ge=0, le=1, about="Share of trees that dart drops.")
    one_drop: int = integer(0, ge=0, le=1, about="Whether dart drops at least one tree.")
    skip_drop: float = real(0.0, ge=0, le=1, about="Chance that dart drops none.")
    feature_selector: str = choice(
        "cyclic", "shuffle", "random", "greedy", "thrifty", default="cyclic", about="Order of gblinear."
    )
    top_k: int = integer(0, ge=0, about="Features that gblinear's greedy and thrifty select; 0 is all.")
    tweedie_variance_power: float = real(1.5, gt=1, lt=2, about="Power of reg:tweedie.")
    huber_slope: float = real(1.0, gt=0, about="Slope of reg:pseudohubererror.")
    quantile_alpha: tuple[float, ...] | None = constraints.reals(
        about="Quantiles of reg:quantileerror.", rule="numbers between 0 and 1, such as [0.1,0.5,0.9]"
    )
    aft_loss_distribution: str = choice(
        "normal", "logistic", "extreme", default="normal", about="Distribution of survival:aft."
    )
    aft_loss_distribution_scale: float = real(1.0, gt=0, about="Scale of that distribution.")
    nthread: int | None = integer(None, ge=1, about="Threads; by default as many as the job has vCPUs.")
    verbosity: int = integer(1, ge=0, le=3, about="How much the library itself says.")
    save_model_on_termination: bool = boolean(False, about="Whether a job that is stopped leaves a model.")
    _kfold: int | None = integer(None, ge=2, about="Folds of cross-validation, each of which has a model.")
    _num_cv_round: int = integer(1, ge=1, about="How often cross-validation is repeated.")

    predictor: str = choice(
        "auto", "cpu_predictor", "gpu_predictor", default="auto", about="No longer of any effect."
    )
    dsplit: str = choice("row", "col", default="row", about="No longer of any effect.")
    prob_buffer_row: float = real(1.0, gt=0, le=1, about="No longer of any effect.")
    sketch_eps: float = real(0.03, gt=0, lt=1, about="No longer of any effect: set max_bin.")
    lambda_bias: float = real(0.0, ge=0, le=1, about="No longer of any effect.")
    deterministic_histogram: bool = boolean(True, about="No longer of any effect: always true.")
    single_precision_histogram: bool = boolean(False, about="No longer of any effect.")
    use_dask_gpu_training: bool = boolean(False, about="No longer of any effect.")

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Self:
        """Read the strings of ``hyperparameters.json``; raises one ClientError that names every violation."""
        params = super().parse(given)
        for alias in _ALIASES.keys() & given.keys():
            setattr(params, _ALIASES[alias], getattr(params, alias))
        params.given = frozenset(_ALIASES.get(name, name) for name in given)
        return params

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        checks = (self._classes, self._metrics, self._updates, self._folds)
        return [problem for check in checks for problem in check()]

    @property
    def folds(self) -> int | None:
        """The number of folds of cross-validation; None for none."""
        return self._kfold

    @property
    def repeats(self) -> int:
        """How often cross-validation is done."""
        return self._num_cv_round

    @property
    def on_gpu(self) -> bool:
        """Whether trees are to be grown on a GPU."""
        return self.device != "cpu" or self.tree_method == "gpu_hist"

    @property
    def method(self) -> str:
        """The tree method: that which is given, or of the updater which grows the trees."""
        growers = [GROWERS[name] for name in self.updater or () if name in GROWERS]
        found = growers[0] if growers else self.tree_method
        return "hist" if found in (None, "gpu_hist") else found  # auto parses to None

    @property
    def watched(self) -> tuple[str, ...]:
        """The metrics that the log shows: those given and the tuner's, each once."""
        return tuple(dict.fromkeys((*(self.eval_metric or ()), *self.tuned)))

    @property
    def tuned(self) -> tuple[str, ...]:
        """The metrics that a tuner aims at, of ``validation:<metric>``."""
        names = (self.tuning_objective or "").partition(":")[2]
        return tuple(names.split(",")) if names else ()

    def settings(self, threads: int) -> dict[str, Any]:
        """Return what the library is told, metrics excepted."""
        told = (self.given & self.declared.keys()) - _OURS - _RETIRED
        found = {name: getattr(self, name) for name in sorted(told)}
        found["objective"] = "reg:squarederror" if self.objective == "reg:linear" else self.objective
        found["nthread"] = self.nthread or threads
        if self.quantile_alpha:
            found["quantile_alpha"] = list(self.quantile_alpha)
        if self.booster == "gblinear":
            return found | ({"updater": ",".join(self.updater)} if self.updater else {})
        if self.process_type == "update":
            return found | {"updater": ",".join(self.updater or ("refresh",))}
        return found | {"tree_method": self.method, "device": "cuda" if self.on_gpu else "cpu"}

    def _classes(self) -> list[str]:
        if self.objective.startswith("multi:") and self.num_class is None:
            return ["Require input for parameter 'num_class' for multi-classification"]
        if not self.objective.startswith("multi:") and self.num_class is not None:
            return ["Do not need to setup parameter 'num_class' for learning task other than multi-class"]
        return []

    def _metrics(self) -> list[str]:
        problems = [
            f"{name!r} of hyperparameter '_tuning_objective_metric' is not a metric of XGBoost"
            for name in self.tuned
            if not metrics.is_known(name)
        ]
        if "auc" in self.watched and not self.objective.startswith(("binary:", "rank:", "multi:softprob")):
            problems.append("Metric 'auc' can only be applied for classification and ranking problems")
        if "aft-nloglik" in self.watched and self.objective != "survival:aft":
            problems.append("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective")
        return problems

    def _updates(self) -> list[str]:
        given = self.updater or ()
        if gone := [name for name in given if name in _GONE]:
            return [f"updater {gone[0]!r} is no longer a part of XGBoost: leave it out and give tree_method"]
        if self.booster == "gblinear":
            allowed = len(given) <= 1 and all(name in _LINEAR for name in given)
            message = "Linear updater should be one of these options: 'shotgun', 'coord_descent'"
        elif self.process_type == "update":
            allowed = all(name in ("refresh", "prune") for name in given)
            message = "process_type 'update' can only be used with updater 'refresh' and 'prune'"
        else:
            growers = [name for name in given if name in GROWERS]
            allowed = len(growers) <= 1 and not any(name in _LINEAR for name in given)
            message = f"Only one tree grow plugin can be selected. Choose one from {', '.join(GROWERS)}"
        return [] if allowed else [message]

    def _folds(self) -> list[str]:
        if self._kfold and self.process_type == "update":
            return ["hyperparameter '_kfold' makes new models, so process_type must be 'default'"]
        return []
