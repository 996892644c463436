"""Offer: an id by which JumpStart knows an algorithm, and what it stands for here."""

from dataclasses import dataclass

VERSION = "2.1.0"
"""The version of every offer; the SDK's ``*`` and ``2.*`` find it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """``model_id`` trains ``algorithm`` on problems of one type; ``samples`` are data to try it on."""

    model_id: str
    algorithm: str
    problem_type: str
    samples: str

    @property
    def training_script(self) -> str:
        """The key of the archive with ``transfer_learning.py``."""
        return f"source-directory-tarballs/{self.model_id}/transfer_learning/v{VERSION}/sourcedir.tar.gz"

    @property
    def hosting_script(self) -> str:
        """The key of the archive with ``inference.py``."""
        return f"source-directory-tarballs/{self.model_id}/inference/v{VERSION}/sourcedir.tar.gz"

    @property
    def training_artifact(self) -> str:
        """The key of the model that training starts from, which holds nothing."""
        return f"{self.algorithm}-training/v{VERSION}/train-{self.model_id}.tar.gz"

    @property
    def hosting_artifact(self) -> str:
        """The key of the model that is hosted without training, which holds nothing."""
        return f"{self.algorithm}-infer/v{VERSION}/infer-{self.model_id}.tar.gz"

    @property
    def spec(self) -> str:
        """The key of what the SDK must know to train and host it."""
        return f"community_models/{self.model_id}/specs_v{VERSION}.json"


OFFERS = tuple(
    Offer(model_id, algorithm, problem, samples)
    for algorithm, ids in {
        "lightgbm": ("lightgbm-classification-model", "lightgbm-regression-model"),
        "catboost": ("catboost-classification-model", "catboost-regression-model"),
        "tabtransformer": (
            "pytorch-tabtransformerclassification-model",
            "pytorch-tabtransformerregression-model",
        ),
    }.items()
    for model_id, problem, samples in zip(
        ids, ("classification", "regression"), ("tabular_multiclass", "tabular_regress"), strict=True
    )
)
"""Every id that is known here, under the names of JumpStart's own."""
