"""What runs in the job: any program that reads SM_CHANNEL_<NAME> and writes to SM_MODEL_DIR."""

import argparse
import os
import pickle
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier


def main() -> None:
    """Train on three quarters of the images, and print the accuracy on the rest."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--neighbours", type=int, default=5)
    parser.add_argument("--held_out", type=float, default=0.25)
    given = parser.parse_args()

    table = np.loadtxt(Path(os.environ["SM_CHANNEL_IMAGES"]) / "digits.csv", delimiter=",")
    train_x, test_x, train_y, test_y = train_test_split(
        table[:, 1:], table[:, 0].astype(int), test_size=given.held_out, random_state=0
    )
    model = KNeighborsClassifier(n_neighbors=given.neighbours).fit(train_x, train_y)
    print(f"accuracy={model.score(test_x, test_y)}", flush=True)
    Path(os.environ["SM_MODEL_DIR"], "model.pkl").write_bytes(pickle.dumps(model))


if __name__ == "__main__":
    main()
