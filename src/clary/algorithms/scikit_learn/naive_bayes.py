"""The algorithm ``clary-naive-bayes``: classes by the odds of each feature alone.

Source: "Naive Bayes" of scikit-learn's user guide.
"""

from typing import Any

from clary.algorithms.scikit_learn.classic import Classic
from clary.toolkit import extra
from clary.toolkit.algorithm import algorithm
from clary.toolkit.hyperparameters import Hyperparameters, choice, real

_GAUSSIAN = "gaussian"
_CLASSES = {"multinomial": "MultinomialNB", "complement": "ComplementNB", "bernoulli": "BernoulliNB"}


class NaiveBayesParams(Hyperparameters):
    """Names, ranges and defaults as scikit-learn documents them."""

    distribution: str = choice(
        _GAUSSIAN, *_CLASSES, default=_GAUSSIAN,
        about="Features are amounts (gaussian), counts (multinomial, complement) or yes and no (bernoulli).",
    )  # fmt: skip
    var_smoothing: float = real(
        1e-9, ge=0, tunable=True, about="Share of the greatest variance that is added to all; gaussian only."
    )
    alpha: float = real(1.0, ge=0, tunable=True, about="What is added to counts; not for gaussian.")


@algorithm("clary-naive-bayes")
class NaiveBayes(Classic[NaiveBayesParams]):
    """Takes the features of a row as independent and answers the class that makes them likeliest."""

    Params = NaiveBayesParams
    dense = True

    @classmethod
    def estimator(cls, params: NaiveBayesParams) -> Any:
        """Return the classifier of the distribution."""
        naive_bayes = extra.load("sklearn.naive_bayes", "sklearn")
        if params.distribution == _GAUSSIAN:
            return naive_bayes.GaussianNB(var_smoothing=params.var_smoothing)
        return getattr(naive_bayes, _CLASSES[params.distribution])(alpha=params.alpha)
