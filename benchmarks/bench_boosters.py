"""Claim: LightGBM and CatBoost cost what the libraries themselves cost, and reading CSV less than pandas.

Run ``python benchmarks/bench_boosters.py [rows] [rounds] [repeats]`` (300,000, 50 and 3 unless given; 28
features and two classes). Every way runs in turn in a fresh process with one thread: Clary as a training job
from CSV files, the library on what pandas has read from them. All have the same settings and the same channel
of validation data, and measure it after every round. The table shows the least CPU time of reading and of
training apart, the ratios to pandas' and the library's, the area under the ROC curve on fresh rows, and the
peak of memory.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FEATURES = 28
WAYS = ("lightgbm", "clary lightgbm", "catboost", "clary catboost")


def table_of(count: int, seed: int):
    """Return rows, the class first."""
    import numpy as np

    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, FEATURES)).astype(np.float32)
    urge = rows[:, 0] * rows[:, 1] + np.sin(2 * rows[:, 2]) + 0.5 * rows[:, 3] - 0.3 * rows[:, 4] ** 2
    labels = urge + random.normal(size=count) > 0
    return np.column_stack([labels.astype(np.float32), rows])


def write(folder: Path, count: int) -> None:
    """Write rows to train on and to watch over it as CSV, and fresh ones as an array."""
    import numpy as np
    import pandas as pd

    for seed, (name, rows) in enumerate({"train": count, "validation": count // 5}.items()):
        (folder / "data" / name).mkdir(parents=True)
        frame = pd.DataFrame(table_of(rows, seed))
        frame.to_csv(folder / "data" / name / "data.csv", header=False, index=False)
    np.save(folder / "fresh.npy", table_of(count // 5, 2))


def measure(folder: Path, way: str, rounds: int) -> dict[str, float]:
    """Return CPU seconds of reading and of training, quality, and peak megabytes of one way."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    if way.startswith("clary"):
        reading, training, scores = clary(folder, way.split()[1], rounds)
    else:
        reading, training, scores = library(folder, way, rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fresh = np.load(folder / "fresh.npy")
    quality = float(roc_auc_score(fresh[:, 0], scores(fresh[:, 1:])))
    return {"reading": reading, "training": training, "quality": quality, "peak": peak}


def clary(folder, name, rounds):
    """Run the training job as the platform does; what is not reading counts as training."""
    import io

    import numpy as np

    from clary.toolkit.algorithm import find
    from clary.toolkit.batch import Batch
    from clary.toolkit.tabular_data import TabularReader
    from clary.toolkit.train import train

    __import__(name)  # of both sides only the work is measured
    given = {"problem_type": "classification", "early_stopping_rounds": "0"}
    given |= {key: str(value) for key, value in settings(name, rounds).items()}
    read, spent = TabularReader.read, []

    def timed(*arguments):
        began = time.process_time()
        data = read(*arguments)
        spent.append(time.process_time() - began)
        return data

    TabularReader.read = timed
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / "data")
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(given))
        log, sys.stdout = sys.stdout, io.StringIO()
        began = time.process_time()
        code = train(name, base)
        total = time.process_time() - began
        sys.stdout = log
        assert code == 0
        model = find(name).load(base / "model")
    return (
        spent[0],
        total - spent[0],
        lambda rows: model.predict(Batch(np.ascontiguousarray(rows))).fields["probabilities"][:, 1],
    )


def library(folder, name, rounds):
    """Read by pandas and train by the library, as one would do by hand."""
    import numpy as np
    import pandas as pd

    module = __import__(name)
    began = time.process_time()
    parts = []
    for channel in ("train", "validation"):
        frame = pd.read_csv(folder / "data" / channel / "data.csv", header=None, dtype=np.float32)
        parts.append((np.ascontiguousarray(frame.iloc[:, 1:].to_numpy()), frame[0].to_numpy()))
    reading = time.process_time() - began
    (train, labels), (watched, truth) = parts
    began = time.process_time()
    if name == "lightgbm":
        given = {"objective": "binary", "seed": 1, **settings(name, rounds)}
        data = module.Dataset(train, labels, params=given)
        model = module.train(given, data, valid_sets=[module.Dataset(watched, truth, reference=data)])
        training = time.process_time() - began
        return reading, training, model.predict
    told = settings(name, rounds)
    model = module.CatBoostClassifier(**told, bootstrap_type="Bayesian", allow_writing_files=False)
    model.fit(module.Pool(train, labels), eval_set=module.Pool(watched, truth), verbose=False)
    training = time.process_time() - began
    return reading, training, lambda rows: model.predict_proba(rows)[:, 1]


def settings(name, rounds):
    """Return what both sides are told."""
    if name == "lightgbm":
        return {
            "num_boost_round": rounds, "num_threads": 1, "max_depth": 6, "num_leaves": 64,
            "learning_rate": 0.1, "feature_fraction": 0.9, "bagging_fraction": 0.9, "bagging_freq": 1,
            "min_data_in_leaf": 3, "verbosity": -1,
        }  # fmt: skip
    return {
        "iterations": rounds, "thread_count": 1, "depth": 6, "learning_rate": 0.1, "random_seed": 1,
        "l2_leaf_reg": 3, "sampling_frequency": "PerTreeLevel",
    }  # fmt: skip


def main(rows: int, rounds: int, repeats: int) -> None:
    """Measure every way in turn and print the table."""
    results: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own: the peak of a child is at least what its parent takes.
        subprocess.run([sys.executable, __file__, "--write", name, str(rows)], check=True)
        for _ in range(repeats):
            for way in WAYS:
                done = subprocess.run(
                    [sys.executable, __file__, "--measure", name, way, str(rounds)],
                    env={**os.environ, **threads},
                    stdout=subprocess.PIPE,
                    check=True,
                )
                results[way].append(json.loads(done.stdout.splitlines()[-1]))
    print(f"{rows} rows x {FEATURES} features, {rounds} rounds, one thread, best of {repeats}")
    print(f"{'':16}{'reading s':>10}{'ratio':>7}{'training s':>12}{'ratio':>7}{'AUC':>9}{'MB':>7}")
    for way, runs in results.items():
        best = {key: min(run[key] for run in runs) for key in runs[0]}
        peer = {key: min(run[key] for run in results[way.split()[-1]]) for key in best}
        reading, training = best["reading"] / peer["reading"], best["training"] / peer["training"]
        print(
            f"{way:16}{best['reading']:10.3f}{reading:7.3f}{best['training']:12.3f}{training:7.3f}"
            f"{best['quality']:9.4f}{best['peak']:7.0f}"
        )


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        given = [int(argument) for argument in sys.argv[1:]]
        main(*(given + [300_000, 50, 3][len(given) :]))
