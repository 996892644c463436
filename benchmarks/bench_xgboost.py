"""Claim: a job of XGBoost costs no more than the library on the same file, and its endpoint less a row.

Run ``python benchmarks/bench_xgboost.py [rows] [rounds] [repeats]`` (500,000, 50 and 3 unless given; 28
features, depth 6, hist, a CSV file). Every way runs in turn in a fresh process with one thread: pandas and a
DMatrix, pandas and a QuantileDMatrix, and Clary's job as the platform runs it, model and log included. The
table shows the least CPU time of each to have the data in the library's matrix and to train, their sum and
its ratio to the first, the AUC on rows that were not learnt from, and the peak of memory. The second table
has the CPU time a request takes: the library's own ways with a booster, and all of Clary's answer to a body.
"""

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FEATURES = 28
PEERS = ("pandas, DMatrix", "pandas, QuantileDMatrix")
OURS = "clary"
SETTINGS = {"objective": "binary:logistic", "max_depth": 6, "tree_method": "hist", "nthread": 1}
SIZES = (1, 10, 1000)


def table_of(count, seed):
    """Return labels and features, (rows, 1 + features)."""
    import numpy as np

    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, FEATURES)).astype(np.float32)
    score = rows[:, 0] * rows[:, 1] + rows[:, 2] - np.abs(rows[:, 3]) + rows[:, 4:8].sum(axis=1) / 4
    labels = (score + random.normal(0, 1, count) > 0).astype(np.float32)
    return np.column_stack([labels, rows])


def write(folder: Path, count: int) -> None:
    """Write the training channel as CSV, and fresh rows as an array."""
    import numpy as np

    (folder / "data" / "train").mkdir(parents=True)
    lines = (",".join(map(repr, row)) for row in table_of(count, 0).tolist())
    (folder / "data" / "train" / "rows.csv").write_text("\n".join(lines))
    np.save(folder / "fresh.npy", table_of(100_000, 1))


def measure(folder: Path, way: str, rounds: int) -> dict[str, float]:
    """Return CPU seconds of both parts, the AUC, and peak megabytes of one way."""
    read, trained, model = (ours if way == OURS else peer)(folder, way, rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"read": read, "train": trained, "auc": auc(folder, model), "peak": peak}


def peer(folder, way, rounds):
    """Read by pandas and train by the library; returns the CPU seconds of both and the booster."""
    import pandas as pd
    import xgboost

    began = time.process_time()
    table = pd.read_csv(folder / "data" / "train" / "rows.csv", header=None, dtype="float32")
    kind = xgboost.DMatrix if way == PEERS[0] else xgboost.QuantileDMatrix
    matrix = kind(table.iloc[:, 1:], table[0], nthread=1)
    built = time.process_time()
    booster = xgboost.train(SETTINGS, matrix, rounds, evals=[(matrix, "train")], verbose_eval=False)
    return built - began, time.process_time() - built, booster


def ours(folder, way, rounds):
    """Run the training job as the platform does; returns the CPU seconds of both parts and the booster."""
    import pandas as pd  # noqa: F401 - the library imports it where it is there, in all ways alike
    import xgboost

    from clary.algorithms.xgboost import XGBoost, matrix
    from clary.toolkit.train import train

    del way
    built = []
    inner = matrix.Matrices.of

    def of(*arguments):
        found = inner(*arguments)
        built.append(time.process_time())
        return found

    matrix.Matrices.of = of
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / "data")
        given = {name: str(value) for name, value in SETTINGS.items()} | {"num_round": str(rounds)}
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(given))
        log, sys.stdout = sys.stdout, io.StringIO()
        began = time.process_time()
        code = train("xgboost", base)
        ended = time.process_time()
        said, sys.stdout = sys.stdout.getvalue(), log
        assert code == 0, said
        (booster,) = XGBoost.load(base / "model").ensemble.boosters
        del xgboost
        return built[0] - began, ended - built[0], booster


def auc(folder, booster):
    """Return the AUC of a booster on the fresh rows."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    table = np.load(folder / "fresh.npy")
    return roc_auc_score(table[:, 0], booster.inplace_predict(np.ascontiguousarray(table[:, 1:])))


def requests() -> dict[str, dict[str, float]]:
    """Return CPU microseconds a request of each size takes, by way."""
    import numpy as np
    import xgboost

    from clary.algorithms.xgboost import XGBoost
    from clary.toolkit.batch import Batch
    from clary.toolkit.request import Request

    table = table_of(20_000, 2)
    rows = np.ascontiguousarray(table[:, 1:])
    booster = xgboost.train(SETTINGS, xgboost.DMatrix(rows, table[:, 0], nthread=1), 100)
    with tempfile.TemporaryDirectory() as name:
        booster.save_model(Path(name) / "xgboost-model.ubj")
        model = XGBoost.load(Path(name))
    found: dict[str, dict[str, float]] = {}
    for size in SIZES:
        some = rows[:size].copy()
        body = "\n".join(",".join(map(repr, row)) for row in some.tolist()).encode()
        request = Request("POST", "/invocations", "text/csv", "text/csv", body)
        ways = {
            "xgboost, predict of a DMatrix": lambda some=some: booster.predict(
                xgboost.DMatrix(some, nthread=1)
            ),
            "xgboost, inplace_predict": lambda some=some: booster.inplace_predict(some),
            "clary, trees alone": lambda some=some: model.ensemble.predict(Batch(some)),
            "clary, CSV to CSV": lambda request=request: model.answer(request),
        }
        for way, call in ways.items():
            call()
            turns = max(2000 // size, 20)
            best = float("inf")
            for _ in range(3):
                began = time.process_time()
                for _ in range(turns):
                    call()
                best = min(best, (time.process_time() - began) / turns)
            found.setdefault(way, {})[str(size)] = best * 1e6
    return found


def main(rows: int, rounds: int, repeats: int) -> None:
    """Measure every way in turn and print both tables."""
    ways = (*PEERS, OURS)
    results: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as name:
        # In processes of their own: the peak of a child is at least what its parent takes.
        subprocess.run([sys.executable, __file__, "--write", name, str(rows)], check=True)
        for _ in range(repeats):
            for way in ways:
                results[way].append(child(threads, "--measure", name, way, str(rounds)))
    best = {way: min(runs, key=lambda run: run["read"] + run["train"]) for way, runs in results.items()}
    first = best[PEERS[0]]["read"] + best[PEERS[0]]["train"]
    print(f"{rows} rows x {FEATURES} features, {rounds} rounds, one thread, CPU seconds, best of {repeats}")
    print(f"{'':26}{'read':>8}{'train':>8}{'sum':>8}{'ratio':>8}{'AUC':>8}{'MB':>7}")
    for way, run in best.items():
        whole = run["read"] + run["train"]
        print(
            f"{way:26}{run['read']:8.2f}{run['train']:8.2f}{whole:8.2f}{whole / first:8.3f}"
            f"{run['auc']:8.4f}{run['peak']:7.0f}"
        )
    print("\n100 trees, CPU microseconds a request, one thread")
    print(f"{'rows a request':34}" + "".join(f"{size:>10}" for size in SIZES))
    for way, costs in child(threads, "--requests").items():
        print(f"{way:34}" + "".join(f"{costs[str(size)]:10.1f}" for size in SIZES))


def child(threads, *arguments):
    """Return what this program prints with other arguments."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, env={**os.environ, **threads}, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), int(sys.argv[3]))
    elif "--requests" in sys.argv:
        print(json.dumps(requests()))
    else:
        numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        main(*(numbers + [500_000, 50, 3][len(numbers) :]))
