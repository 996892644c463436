"""Hyperparameters that several of the classic learners have; names and defaults are scikit-learn's."""

from clary.toolkit.hyperparameters import Hyperparameters, boolean, choice, integer, real, real_or

CLASSIFIER, REGRESSOR = "classifier", "regressor"
_BALANCED = "balanced"
_OF_CLASSES = ("gini", "entropy", "log_loss")
_OF_AMOUNTS = ("squared_error", "friedman_mse", "absolute_error", "poisson")
_LIMITS = (
    "max_depth",
    "min_samples_split",
    "min_samples_leaf",
    "max_leaf_nodes",
    "min_impurity_decrease",
    "ccp_alpha",
)

ALL = "all"
"""What stands for the share of all features."""


class PredictorParams(Hyperparameters):
    """What is to be learnt."""

    predictor_type: str = choice(
        CLASSIFIER, REGRESSOR, about="Whether labels are classes, in whole numbers, or amounts."
    )
    class_weight: str = choice(
        "none", _BALANCED, default="none", about="Whether rare classes count as much as frequent ones."
    )

    @property
    def classifies(self) -> bool:
        """Whether labels are classes."""
        return self.predictor_type == CLASSIFIER

    def weighted(self) -> dict[str, str]:
        """Return the keyword by which classes have weights, if they have."""
        return {"class_weight": _BALANCED} if self.class_weight == _BALANCED else {}

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        if self.weighted() and not self.classifies:
            return ["hyperparameter 'class_weight' is for classifiers: leave it out"]
        return []


class TreeParams(PredictorParams):
    """How trees grow."""

    criterion: str | None = choice(
        *_OF_CLASSES,
        *_OF_AMOUNTS,
        default=None,
        about="What splits improve; gini or squared_error unless given.",
    )
    max_depth: int | None = integer(None, ge=1, tunable=True, about="The greatest depth of a tree.")
    min_samples_split: int = integer(2, ge=2, tunable=True, about="Rows that a node must have to be split.")
    min_samples_leaf: int = integer(1, ge=1, tunable=True, about="Rows that a leaf must have.")
    max_leaf_nodes: int | None = integer(None, ge=2, tunable=True, about="The most leaves of a tree.")
    min_impurity_decrease: float = real(0.0, ge=0, tunable=True, about="What a split must improve at least.")
    ccp_alpha: float = real(0.0, ge=0, tunable=True, about="How much a tree is pruned for its size.")
    max_features: str | float | None = real_or(
        ALL, "sqrt", "log2", default=None, gt=0, le=1, tunable=True,
        about="Share of the features that a split may use; the forest's classifier takes sqrt, else all are.",
    )  # fmt: skip
    seed: int = integer(0, ge=0, about="What makes chance the same in every job.")

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        fitting = _OF_CLASSES if self.classifies else _OF_AMOUNTS
        found = super().conflicts()
        if self.criterion not in (None, *fitting):
            found.append(
                f"hyperparameter 'criterion' is {self.criterion!r}, not one of a {self.predictor_type}: "
                f"give {', '.join(fitting)}"
            )
        return found

    def growth(self) -> dict[str, object]:
        """Return scikit-learn's keywords for them."""
        chosen = {"criterion": self.criterion} if self.criterion else {}
        features = None if self.max_features == ALL else self.max_features
        return {
            **{name: getattr(self, name) for name in _LIMITS},
            **chosen,
            **self.weighted(),
            "max_features": features,
            "random_state": self.seed,
        }


class ScaledParams(Hyperparameters):
    """Whether features are brought to one scale before learning."""

    normalize_data: bool = boolean(
        False, about="Whether each feature is divided by its standard deviation before learning."
    )
