"""Claim: each stage of the linear learner is as fast as a prototype in C, allowing for the machine.

Run ``python benchmarks/bench_linear_learner_stages.py [rows] [repeats]`` (1,000,000 and 3 unless given; 28
features). The prototypes were measured once, elsewhere, next to some anchors that are measured here again:
what an anchor does in this run over what it did there is the machine's factor for such work, and a prototype
times that factor is what is wanted. Every stage runs in turn in a fresh process with one thread; the table
shows millions of rows in a second of CPU time, the best of the repeats.

The prototypes ran on cores that compute 512 bits at a time. Where AVX-512 is done in two halves, arithmetic
is worth half of what it was there, which the NumPy anchor, bound by memory, does not show.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench_linear_learner import FEATURES, fresh_environment, write

ANCHORS = {"polars, csv": 1.19, "polars, parquet": 11.7, "copying in memory": 122.0, "NumPy, 32 models": 11.7}
"""Millions of rows in a second of CPU time where the prototypes were measured."""

STAGES = {
    "read csv": (2.33, "polars, csv"),
    "read recordio": (25.0, "copying in memory"),
    "read parquet": (11.7, "polars, parquet"),
    "1 epoch of 32 models": (18.8, "NumPy, 32 models"),
    "csv to 32 models, 1 epoch": (2.2, "polars, csv"),
    "recordio to 32 models, 1 epoch": (10.8, "NumPy, 32 models"),
    "parquet to 32 models, 1 epoch": (7.9, "NumPy, 32 models"),
}
"""What the prototype did, and the anchor that tells how fast the machine is at such work."""


def measure(folder: Path, what: str) -> float:
    """Return the CPU seconds of a stage or of an anchor."""
    if what.startswith("read"):
        return seconds(lambda: drain(folder, what.removeprefix("read ")))
    if what == "copying in memory":
        return copying(folder)
    if what == "NumPy, 32 models":
        return plain_epoch(folder)
    if what.startswith("polars"):
        return polars(folder, what)
    return learn(folder, what)


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of ``work``, imports and first touches of memory left out."""
    work()
    began = time.process_time()
    work()
    return time.process_time() - began


def drain(folder, kind):
    """Read all rows in batches and keep none."""
    for _ in channel(folder, kind).batches(accepts()):
        pass


def channel(folder, kind):
    """Return the training channel in one format."""
    from clary.toolkit.channel import Channel

    return Channel("train", folder / kind / "train")


def accepts():
    """Return the content types of all formats."""
    from clary.algorithms.linear_learner.dataset import ACCEPTS

    return ACCEPTS


def copying(folder):
    """Copy as many bytes as the records take."""
    import numpy as np

    content = np.fromfile(folder / "recordio" / "train" / "data", np.uint8)
    copied = np.empty_like(content)
    return seconds(lambda: np.copyto(copied, content))


def polars(folder, what):
    """Read all rows into a row-major array by polars."""
    import polars as pl

    types = {f"column_{number + 1}": pl.Float32 for number in range(FEATURES + 1)}
    kind = what.removeprefix("polars, ")
    path = folder / kind / "train" / "data"
    if kind == "csv":
        return seconds(
            lambda: pl.read_csv(path, has_header=False, schema_overrides=types).to_numpy(order="c")
        )
    return seconds(lambda: pl.read_parquet(path).to_numpy(order="c"))


def plain_epoch(folder):
    """Train 32 logistic models by Adam for one epoch of the rows in memory, in a few lines of NumPy."""
    import numpy as np

    table = np.concatenate([batch_table(batch) for batch in channel(folder, "recordio").batches(accepts())])
    labels, rows = table[:, :1].copy(), np.ascontiguousarray(table[:, 1:])
    rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    weights = np.zeros((rows.shape[1], 32), np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    scores, gradient = np.empty((1000, 32), np.float32), np.empty_like(weights)

    def epoch():
        for at in range(0, len(rows) - 999, 1000):
            part = rows[at : at + 1000]
            np.negative(np.matmul(part, weights, out=scores), out=scores)
            np.reciprocal(np.add(np.exp(scores, out=scores), 1, out=scores), out=scores)
            np.subtract(scores, labels[at : at + 1000], out=scores)
            np.divide(np.matmul(part.T, scores, out=gradient), 1000, out=gradient)
            mean[:] = 0.9 * mean + 0.1 * gradient
            square[:] = 0.999 * square + 0.001 * gradient * gradient
            weights[:] -= 0.003 * mean / (np.sqrt(square) + 1e-8)

    return seconds(epoch)


def batch_table(batch):
    """Return the label and the features of a batch."""
    import numpy as np

    return np.column_stack([batch.labels, batch.features])


def learn(folder, what):
    """Train 32 logistic models for one epoch: from the file, or from rows read, shuffled and normalised."""
    import io

    from clary.algorithms.linear_learner.dataset import Reader
    from clary.algorithms.linear_learner.losses import make_loss
    from clary.algorithms.linear_learner.pack import Pack
    from clary.algorithms.linear_learner.params import LinearLearnerParams
    from clary.algorithms.linear_learner.problem import Problem
    from clary.algorithms.linear_learner.row_weights import RowWeights
    from clary.algorithms.linear_learner.scaler import Normaliser
    from clary.algorithms.linear_learner.trainer import Passes
    from clary.algorithms.linear_learner.variants import variants
    from clary.toolkit.host import Host
    from clary.toolkit.report import Report

    params = LinearLearnerParams.parse({"predictor_type": "binary_classifier", "epochs": "1"})
    host, report = Host(), Report(stream=io.StringIO())

    def read():
        kind = what.partition(" ")[0] if "csv" in what or "parquet" in what else "recordio"
        return Reader(params, Normaliser(params, host.cluster), report, host).read(channel(folder, kind))

    def epoch(table):
        settings = variants(params, (len(table), table.width), 1.0)
        problem = Problem(params, settings, make_loss(params, 1.0), RowWeights(None))
        pack = Pack.initial(params, len(settings), table.width)
        Passes(problem, pack, table, host.cluster).run(0, report)

    if what.startswith("1 epoch"):
        table = read()
        return seconds(lambda: epoch(table))
    return seconds(lambda: epoch(read()))


def main(rows: int, repeats: int) -> None:
    """Measure all stages and anchors in turn and print the table."""
    names = [*ANCHORS, *STAGES]
    times: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), rows)
        for _ in range(repeats):
            for name in names:
                done = subprocess.run(
                    [sys.executable, __file__, "--measure", folder, name],
                    env=fresh_environment(),
                    stdout=subprocess.PIPE,
                    check=True,
                )
                times[name].append(json.loads(done.stdout))
    rate = {name: rows * 9 // 10 / min(spent) / 1e6 for name, spent in times.items()}
    print(f"{rows * 9 // 10} rows x {FEATURES} features, millions of rows a CPU second, best of {repeats}")
    for name, there in ANCHORS.items():
        print(f"{name:32}{rate[name]:8.2f}   there {there:6.2f}   factor {rate[name] / there:5.2f}")
    print(f"{'':32}{'here':>8}{'wanted':>9}{'ratio':>8}")
    for name, (there, anchor) in STAGES.items():
        wanted = there * rate[anchor] / ANCHORS[anchor]
        print(f"{name:32}{rate[name]:8.2f}{wanted:9.2f}{rate[name] / wanted:8.2f}")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3])))
    else:
        numbers = [int(argument) for argument in sys.argv[1:]]
        main(*(numbers + [1_000_000, 3][len(numbers) :]))
