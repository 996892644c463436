"""What runs in the job, and behind the endpoint: the library as it is, without SageMaker."""

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np
import xgboost


def main() -> None:
    """Train with the hyperparameters of the job, and leave the model where the platform looks for it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--num_round", type=int)
    parser.add_argument("--eta", type=float)
    parser.add_argument("--max_depth", type=int)
    parser.add_argument("--objective")
    given = vars(parser.parse_args())
    rounds = given.pop("num_round")
    train, validation = matrix("TRAIN"), matrix("VALIDATION")
    booster = xgboost.train(
        given, train, rounds, [(train, "train"), (validation, "validation")], verbose_eval=50
    )
    booster.save_model(Path(os.environ["SM_MODEL_DIR"]) / "xgboost-model.json")


def matrix(channel: str) -> xgboost.DMatrix:
    """Return the rows of a channel; the label is in the first column."""
    (path,) = Path(os.environ[f"SM_CHANNEL_{channel}"]).glob("*.csv")
    table = np.loadtxt(path, delimiter=",")
    return xgboost.DMatrix(table[:, 1:], table[:, 0])


def model_fn(model_dir: str) -> Any:
    """Load the model for the endpoint, which reads rows, predicts and writes answers by itself."""
    return xgboost.Booster(model_file=Path(model_dir) / "xgboost-model.json")


if __name__ == "__main__":
    main()
