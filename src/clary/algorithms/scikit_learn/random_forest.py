"""The algorithm ``clary-random-forest``: many trees, each of other rows and features, that vote.

Source: "Random Forests" of scikit-learn's user guide.
"""

from typing import Any

from clary.algorithms.scikit_learn.classic import Classic
from clary.algorithms.scikit_learn.params import TreeParams
from clary.toolkit import environment, extra
from clary.toolkit.algorithm import algorithm
from clary.toolkit.hyperparameters import boolean, integer, real


class RandomForestParams(TreeParams):
    """Names, ranges and defaults as scikit-learn documents them."""

    n_estimators: int = integer(100, ge=1, tunable=True, about="The number of trees.")
    bootstrap: bool = boolean(True, about="Whether each tree learns from rows drawn with replacement.")
    max_samples: float | None = real(
        None, gt=0, le=1, about="Share of the rows drawn for a tree; all unless given."
    )

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        found = super().conflicts()
        if self.max_samples is not None and not self.bootstrap:
            found.append("hyperparameter 'max_samples' is for bootstrap=true: leave one of them out")
        return found


@algorithm("clary-random-forest")
class RandomForest(Classic[RandomForestParams]):
    """Answers what most of many trees say, or their mean."""

    Params = RandomForestParams
    missing = True

    @classmethod
    def estimator(cls, params: RandomForestParams) -> Any:
        """Return a RandomForestClassifier or a RandomForestRegressor."""
        ensemble = extra.load("sklearn.ensemble", "sklearn")
        kind = ensemble.RandomForestClassifier if params.classifies else ensemble.RandomForestRegressor
        growth = params.growth()
        if params.max_features is None and params.classifies:
            growth["max_features"] = "sqrt"
        return kind(
            n_estimators=params.n_estimators,
            bootstrap=params.bootstrap,
            max_samples=params.max_samples,
            n_jobs=environment.threads(),
            **growth,
        )
