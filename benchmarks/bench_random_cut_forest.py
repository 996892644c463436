"""Claim: a random cut forest scores several times as many rows a second as rcf3, a library in Rust.

Run ``python benchmarks/bench_random_cut_forest.py [rows] [repeats]`` (100,000 and 2 unless given; 28
features, 100 trees of 256 rows, one row in a hundred an anomaly). Every way runs in turn in a fresh process
with one thread. The table shows the CPU seconds of training (Clary from a RecordIO file, the peers on rows in
memory; rcf3 has no batches and learns from 20,000 rows), the rows scored a second, the area under the curve
of the scores on rows not seen, and the peak of memory. rcf3 is measured where it is installed; scikit-learn's
isolation forest has another score, and is shown beside them.
"""

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FEATURES, TREES, SAMPLES, FRESH, FEW = 28, 100, 256, 20_000, 20_000
OURS, NUMPY, RUST, ISOLATION = "clary", "clary without a compiler", "rcf3", "sklearn IsolationForest"


def made(count, seed):
    """Return rows in a few clusters, some of them far from any, and which these are."""
    import numpy as np

    random, fixed = np.random.default_rng(seed), np.random.default_rng(7)
    middles = fixed.normal(0, 3, (8, FEATURES))
    rows = middles[random.integers(0, 8, count)] + random.normal(0, 1, (count, FEATURES))
    odd = random.random(count) < 0.01
    rows[odd] += random.choice([-2.5, 2.5], (int(odd.sum()), FEATURES))
    return rows.astype(np.float32), odd


def write(folder: Path, count: int) -> None:
    """Write the rows as an array and as a training channel."""
    import numpy as np

    from clary.toolkit.formats import recordio

    rows = made(count, 0)[0]
    np.save(folder / "rows.npy", rows)
    (folder / "data" / "train").mkdir(parents=True)
    (folder / "data" / "train" / "rows").write_bytes(recordio.write(rows))


def measure(folder: Path, way: str) -> dict[str, float]:
    """Return CPU seconds of training, rows scored a second, area under the curve, and peak megabytes."""
    from sklearn.metrics import roc_auc_score

    began = time.process_time()
    score = {OURS: clary, NUMPY: clary, RUST: rust, ISOLATION: isolation}[way](folder)
    trained = time.process_time() - began
    fresh, odd = made(FRESH if way != RUST else FRESH // 10, 1)
    if way == NUMPY:
        from clary.algorithms.random_cut_forest import forest

        forest.kernels = None
        fresh, odd = fresh[: FRESH // 10], odd[: FRESH // 10]
    began = time.process_time()
    scores = score(fresh)
    return {
        "train": trained,
        "rate": len(fresh) / (time.process_time() - began),
        "area": float(roc_auc_score(odd, scores)),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def clary(folder):
    """Run the training job as the platform does; return what scores rows."""
    import io

    from clary.algorithms.random_cut_forest import RandomCutForest
    from clary.toolkit.batch import Batch
    from clary.toolkit.train import train

    given = {"feature_dim": FEATURES, "num_trees": TREES, "num_samples_per_tree": SAMPLES}
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / "data")
        texts = {key: str(value) for key, value in given.items()}
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(texts))
        log, sys.stdout = sys.stdout, io.StringIO()
        code = train("randomcutforest", base)
        sys.stdout = log
        assert code == 0
        model = RandomCutForest.load(base / "model")
    return lambda rows: model.predict(Batch(rows)).fields["score"]


def rust(folder):
    """Let rows pass one by one, as that library has it."""
    import numpy as np
    import rcf3

    made_of = rcf3.Forest(
        FEATURES,
        num_trees=TREES,
        capacity=SAMPLES,
        internal_shingling=False,
        initial_accept_fraction=1.0,
        seed=0,
    )
    for row in np.load(folder / "rows.npy")[:FEW].tolist():
        made_of.update(row)
    return lambda rows: [made_of.score(row) for row in rows.tolist()]


def isolation(folder):
    """Fit as many trees of as many rows."""
    import numpy as np
    from sklearn.ensemble import IsolationForest

    fitted = IsolationForest(n_estimators=TREES, max_samples=SAMPLES, random_state=0)
    fitted.fit(np.load(folder / "rows.npy"))
    return lambda rows: -fitted.score_samples(rows)


def main(rows: int, repeats: int) -> None:
    """Measure every way in turn and print the table."""
    ways = [way for way in (RUST, ISOLATION, NUMPY, OURS) if way != RUST or importlib.util.find_spec("rcf3")]
    results: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own: the peak of a child is at least what its parent takes.
        subprocess.run([sys.executable, __file__, "--write", name, str(rows)], check=True)
        for _ in range(repeats):
            for way, runs in results.items():
                done = subprocess.run(
                    [sys.executable, __file__, "--measure", name, way],
                    env={**os.environ, **threads},
                    stdout=subprocess.PIPE,
                    check=True,
                )
                runs.append(json.loads(done.stdout))
    best = {way: max(runs, key=lambda run: run["rate"]) for way, runs in results.items()}
    print(f"{rows} rows x {FEATURES}, {TREES} trees of {SAMPLES}, one thread, best of {repeats}")
    print(f"{'':26}{'train CPU s':>12}{'scored/s':>10}{'AUC':>8}{'MB':>7}")
    for way, run in best.items():
        print(f"{way:26}{run['train']:12.2f}{run['rate']:10.0f}{run['area']:8.4f}{run['peak']:7.0f}")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3])))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        main(*(numbers + [100_000, 2][len(numbers) :]))
