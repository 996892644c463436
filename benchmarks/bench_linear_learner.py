"""Claim: 32 linear models are trained from a file in less time than polars and scikit-learn take for one.

And: to the log-loss of L-BFGS within 0.0001, in memory that does not depend on the number of rows.

Run ``python benchmarks/bench_linear_learner.py [rows] [repeats]`` (1,000,000 and 3 unless given; 28
features). Every way runs in turn in a fresh process with one thread, from the file to the model, imports left
out; the table shows the least CPU time of each, as a ratio to that of the fastest peer that reads the same
file (RecordIO-protobuf none does: it is compared with Parquet, which is kinder to the peer than CSV), and the
log-loss on rows that none has seen. ``--memory`` trains on a quarter of the rows, all of them and four times
as many, and shows the peak of each.
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
PEERS = ("polars + sklearn, csv", "pandas + sklearn, csv", "polars + sklearn, parquet")
OURS = ("clary csv", "clary recordio", "clary parquet")
WAYS = (*PEERS, *OURS, *(f"{way}, 1 epoch" for way in OURS))
RIVALS = {"csv": PEERS[:2], "recordio": PEERS[2:], "parquet": PEERS[2:]}
PARTS = ("train", "validation")


def write(folder: Path, rows: int, kinds=("csv", "recordio", "parquet")) -> None:
    """Write training and validation data in each format, and fresh rows to judge by."""
    import numpy as np

    random = np.random.default_rng(0)
    features = random.normal(0, 1, (rows + rows // 5, FEATURES)).astype(np.float32)
    features[:, FEATURES // 2 :] = np.exp(features[:, FEATURES // 2 :] / 2)
    centred = features - features.mean(axis=0)
    chance = 1 / (1 + np.exp(-centred @ random.normal(0, 0.4, FEATURES)))
    table = np.column_stack([random.random(len(features)) < chance, features]).astype(np.float32)
    parts = {"train": table[: rows * 9 // 10], "validation": table[rows * 9 // 10 : rows]}
    for name, part in parts.items():
        for kind in kinds:
            (folder / kind / name).mkdir(parents=True)
            WRITERS[kind](folder / kind / name / "data", part)
    np.save(folder / "fresh.npy", table[rows:])


def write_csv(path, table):
    """Write the shortest decimals that are read back exactly."""
    with path.open("w") as file:
        for row in table:
            file.write(",".join(map(str, row)) + "\n")


def write_recordio(path, table):
    """Write dense records, as the SDK does."""
    from clary.toolkit.formats import recordio

    with path.open("wb") as file:
        for at in range(0, len(table), 100_000):
            part = table[at : at + 100_000]
            file.write(recordio.write(part[:, 1:], part[:, 0]))


def write_parquet(path, table):
    """Write plain columns, which are the fastest to read."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    columns = {f"column_{number}": np.ascontiguousarray(table[:, number]) for number in range(table.shape[1])}
    parquet.write_table(pa.table(columns), path, use_dictionary=False, compression="none")


WRITERS = {"csv": write_csv, "recordio": write_recordio, "parquet": write_parquet}


def measure(folder: Path, way: str) -> dict[str, float]:
    """Train in one way; returns CPU seconds from file to model, loss on fresh rows, and peak megabytes."""
    import numpy as np

    fresh = np.load(folder / "fresh.npy", mmap_mode="r")[:200_000]
    seconds, chance = (clary if way.startswith("clary") else peer)(folder, way, fresh[:, 1:])
    chance = np.clip(np.where(fresh[:, 0] == 1, chance, 1 - chance), 1e-12, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "loss": float(-np.log(chance).mean()), "peak": peak}


def peer(folder, way, fresh):
    """Read with polars or pandas, scale, fit by L-BFGS."""
    import numpy as np
    import pandas as pd
    import polars as pl
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    types = {f"column_{number + 1}": pl.Float32 for number in range(FEATURES + 1)}
    readers = {
        PEERS[0]: lambda path: pl.read_csv(path, has_header=False, schema_overrides=types).to_numpy(
            order="c"
        ),
        PEERS[1]: lambda path: pd.read_csv(path, header=None, dtype="float32").to_numpy(),
        PEERS[2]: lambda path: pl.read_parquet(path).to_numpy(order="c"),
    }
    kind = way.rpartition(" ")[2]
    began = time.process_time()
    table = np.concatenate([readers[way](folder / kind / name / "data") for name in PARTS])
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(table[:, 1:], table[:, 0])
    return time.process_time() - began, model.predict_proba(fresh)[:, 1]


def clary(folder, way, fresh):
    """Run the training job as the platform does, validation included."""
    from clary.algorithms.linear_learner import LinearLearner
    from clary.toolkit.batch import Batch
    from clary.toolkit.train import train

    kind = way.removeprefix("clary ").removesuffix(", 1 epoch")
    if kind == "parquet":
        import pyarrow.parquet  # noqa: F401
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


def fresh_environment() -> dict[str, str]:
    """Return the environment in which all libraries use one thread."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
    return {**os.environ, **dict.fromkeys(threads, "1")}


def fresh_process(folder: str, way: str) -> dict[str, float]:
    """Measure in a process of its own, with one thread for all libraries."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", folder, way],
        env=fresh_environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def main(rows: int, repeats: int) -> None:
    """Measure every way in turn and print the table."""
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), rows)
        results: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(repeats):
            for way in WAYS:
                results[way].append(fresh_process(name, way))
    best = {way: min(runs, key=lambda run: run["seconds"]) for way, runs in results.items()}
    print(f"{rows} rows x {FEATURES} features, file to model, one thread, best of {repeats}")
    print(f"{'':28}{'CPU s':>8}{'ratio':>8}{'log-loss':>10}")
    for way, run in best.items():
        kind = next((kind for kind in RIVALS if kind in way), "csv")
        ratio = run["seconds"] / min(best[rival]["seconds"] for rival in RIVALS[kind])
        print(f"{way:28}{run['seconds']:8.3f}{ratio:8.2f}{run['loss']:10.5f}")


def memory(rows: int) -> None:
    """Show the peak of a job on more and more rows."""
    print(f"{'rows':>10}{'peak MB':>10}   RecordIO, {FEATURES} features")
    for count in (rows // 4, rows, rows * 4):
        with tempfile.TemporaryDirectory() as name:
            subprocess.run([sys.executable, __file__, "--write", name, str(count)], check=True)
            print(f"{count:10}{fresh_process(name, 'clary recordio, 1 epoch')['peak']:10.0f}", flush=True)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3])))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), numbers[-1], ("recordio",))
    elif "--memory" in sys.argv:
        memory(*numbers or [1_000_000])
    else:
        main(*(numbers + [1_000_000, 3][len(numbers) :]))
