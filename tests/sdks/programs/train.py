"""The user's own program: a scikit-learn model of the tumours, as it would be written for any generation."""

import argparse
import json
import os
import pickle
from pathlib import Path

import numpy as np
from preparation import scaled
from sklearn.linear_model import LogisticRegression


def main() -> None:
    """Train, say how well, and leave the model where SageMaker collects it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--strength", type=float)
    parser.add_argument("--title")
    given, _ = parser.parse_known_args()
    if given.strength <= 0:
        raise ValueError(f"strength is {given.strength}; it must be above 0")
    train, validation = (
        np.loadtxt(Path(os.environ[f"SM_CHANNEL_{channel}"]) / "rows.csv", delimiter=",")
        for channel in ("TRAIN", "VALIDATION")
    )
    mean, deviation = train[:, 1:].mean(axis=0), train[:, 1:].std(axis=0)
    model = LogisticRegression(C=given.strength).fit(scaled(train[:, 1:], mean, deviation), train[:, 0])
    accuracy = model.score(scaled(validation[:, 1:], mean, deviation), validation[:, 0])
    print(f"{given.title}: validation accuracy={accuracy:.4f}; colour {os.environ.get('COLOUR')}")
    folder = Path(os.environ["SM_MODEL_DIR"])
    (folder / "model.pkl").write_bytes(pickle.dumps((model, mean, deviation)))
    (folder / "told.json").write_text(json.dumps({"strength": given.strength, "title": given.title}))


if __name__ == "__main__":
    main()
