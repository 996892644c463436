"""Claim: 32 linear models are trained from a file in about the time pandas and scikit-learn take for one.

Run ``python benchmarks/bench_linear_learner.py [rows]`` (200000 unless given, 28 features). Every way runs in
turn in a fresh process with one thread; the table shows the best CPU time of three, and the log-loss on rows
that none of them has seen.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FEATURES = 28
REPEATS = 3
WAYS = ("pandas + sklearn", "clary csv", "clary csv, 1 epoch", "clary recordio", "clary recordio, 1 epoch")


def write(folder: Path, rows: int) -> None:
    """Write training and validation data as CSV and RecordIO, and fresh rows to judge by."""
    import numpy as np

    from clary.toolkit.formats import recordio

    random = np.random.default_rng(0)
    features = random.normal(0, 1, (rows + rows // 5, FEATURES))
    features[:, FEATURES // 2 :] = np.exp(features[:, FEATURES // 2 :] / 2)
    centred = features - features.mean(axis=0)
    chance = 1 / (1 + np.exp(-centred @ random.normal(0, 0.4, FEATURES)))
    table = np.column_stack([random.random(len(features)) < chance, features]).astype(np.float32)
    parts = {"train": table[: rows * 9 // 10], "validation": table[rows * 9 // 10 : rows]}
    for name, part in parts.items():
        for kind in ("csv", "recordio"):
            (folder / kind / name).mkdir(parents=True)
        lines = (",".join(map(str, row)) for row in part)
        (folder / "csv" / name / "data").write_text("\n".join(lines) + "\n")
        (folder / "recordio" / name / "data").write_bytes(recordio.write(part[:, 1:], part[:, 0]))
    np.save(folder / "fresh.npy", table[rows:])


def measure(folder: Path, way: str) -> dict[str, float]:
    """Train in one way; returns CPU seconds from file to model, and the log-loss on fresh rows."""
    import numpy as np

    fresh = np.load(folder / "fresh.npy")
    seconds, chance = (sklearn if way.startswith("pandas") else clary)(folder, way, fresh[:, 1:])
    chance = np.clip(np.where(fresh[:, 0] == 1, chance, 1 - chance), 1e-12, 1)
    return {"seconds": seconds, "loss": float(-np.log(chance).mean())}


def sklearn(folder, _way, fresh):
    """Read with pandas, scale, fit by lbfgs; imports are not counted."""
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    began = time.process_time()
    parts = (folder / "csv" / name / "data" for name in ("train", "validation"))
    table = pd.concat([pd.read_csv(part, header=None, dtype="float32") for part in parts]).to_numpy()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(table[:, 1:], table[:, 0])
    return time.process_time() - began, model.predict_proba(fresh)[:, 1]


def clary(folder, way, fresh):
    """Run the training job as the platform does, validation included."""
    from clary.algorithms.linear_learner import LinearLearner
    from clary.toolkit.batch import Batch
    from clary.toolkit.train import train

    kind = "csv" if "csv" in way else "recordio"
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / kind)
        given = {"predictor_type": "binary_classifier", "epochs": "1" if "1 epoch" in way else "15"}
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(given))
        log, sys.stdout = sys.stdout, io.StringIO()
        began = time.process_time()
        code = train("linear-learner", base)
        seconds = time.process_time() - began
        sys.stdout = log
        assert code == 0
        score = LinearLearner.load(base / "model").predict(Batch(fresh)).fields["score"]
    return seconds, score


def main(rows: int) -> None:
    """Measure every way in turn and print the table."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), rows)
        results: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(REPEATS):
            for way in WAYS:
                done = subprocess.run(
                    [sys.executable, __file__, "--measure", name, way],
                    env=environment,
                    capture_output=True,
                    check=True,
                )
                results[way].append(json.loads(done.stdout))
    best = {way: min(runs, key=lambda run: run["seconds"]) for way, runs in results.items()}
    print(f"{rows} rows x {FEATURES} features, file to model, one thread, best of {REPEATS}")
    print(f"{'':26}{'CPU s':>8}{'ratio':>8}{'log-loss':>10}")
    for way, run in best.items():
        ratio = run["seconds"] / best[WAYS[0]]["seconds"]
        print(f"{way:26}{run['seconds']:8.3f}{ratio:8.2f}{run['loss']:10.5f}")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
