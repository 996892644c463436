"""The algorithm ``clary-decision-tree``: one tree of questions about single features.

Source: "Decision Trees" of scikit-learn's user guide.
"""

from typing import Any

from clary.algorithms.scikit_learn.classic import Classic
from clary.algorithms.scikit_learn.params import TreeParams
from clary.toolkit import extra
from clary.toolkit.algorithm import algorithm


@algorithm("clary-decision-tree")
class DecisionTree(Classic[TreeParams]):
    """Asks about one feature after the other and answers what the rows that agree had."""

    Params = TreeParams
    missing = True

    @classmethod
    def estimator(cls, params: TreeParams) -> Any:
        """Return a DecisionTreeClassifier or a DecisionTreeRegressor."""
        tree = extra.load("sklearn.tree", "sklearn")
        kind = tree.DecisionTreeClassifier if params.classifies else tree.DecisionTreeRegressor
        return kind(**params.growth())
