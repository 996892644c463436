"""Claim: PCA in one pass costs no more than scikit-learn's exact PCA, beside reading the file.

Run ``python benchmarks/bench_pca.py [rows] [features] [components] [repeats]`` (2,000,000, 20, 5 and 3 unless
given). Every way runs in turn in a fresh process with one thread: peers on rows in memory, Clary on them and
from a RecordIO file, of which reading is a line of its own. The table shows the least CPU time of each,
its ratio to scikit-learn's exact PCA, the share of the variance that is held, and the peak of memory.
``--memory`` shows the peak of Clary's job for an eighth of the rows, half of them and all.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXACT, RANDOMIZED, INCREMENTAL = "sklearn covariance_eigh", "sklearn randomized", "sklearn IncrementalPCA"
READING, MEMORY = "reading the file", "clary regular, in memory"
REGULAR, SKETCH = "clary regular", "clary randomized"
WAYS = (EXACT, RANDOMIZED, INCREMENTAL, READING, MEMORY, REGULAR, SKETCH)
SHARES = (8, 2, 1)
PIECE = 100_000


def write(folder: Path, count: int, width: int) -> None:
    """Write rows as an array and as training channels, a piece at a time."""
    import numpy as np
    from numpy.lib.format import open_memmap

    from clary.toolkit.formats import recordio

    random = np.random.default_rng(0)
    mixing = random.normal(0, 1, (width, width)) * np.geomspace(4, 0.2, width)[:, None]
    rows = open_memmap(folder / "rows.npy", "w+", np.float32, (count, width))
    for start in range(0, count, PIECE):
        part = rows[start : start + PIECE]
        part[:] = random.standard_normal(part.shape, np.float32) @ mixing + 3
    for share in SHARES:
        channel = folder / str(share) / "train"
        channel.mkdir(parents=True)
        with (channel / "rows").open("wb") as file:
            for start in range(0, count // share, PIECE):
                file.write(recordio.write(rows[start : min(start + PIECE, count // share)]))


def measure(folder: Path, way: str, components: int, share: int) -> dict[str, float]:
    """Return CPU seconds, the share of the variance that is held, and peak megabytes of one way."""
    import numpy as np

    if way == READING:
        seconds, directions = reading(folder), None
    else:
        fit = in_memory if way == MEMORY else clary if "clary" in way else peer
        seconds, directions = fit(folder, way, components, share)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    held = float("nan")
    if directions is not None:
        rows = np.load(folder / "rows.npy", mmap_mode="r")[:PIECE].astype(np.float64)
        rows -= rows.mean(axis=0)
        held = float(np.square(rows @ directions).sum() / np.square(rows).sum())
    return {"seconds": seconds, "held": held, "peak": peak}


def reading(folder):
    """Read the file as training does, and do nothing with the rows."""
    from clary.toolkit.channel import Channel

    began = time.process_time()
    for _ in Channel("train", folder / "1" / "train").batches(("application/x-recordio-protobuf",)):
        pass
    return time.process_time() - began


def clary(folder, way, components, share):
    """Run the training job as the platform does; returns CPU seconds and directions."""
    import io

    import numpy as np

    from clary.algorithms.pca import PCA
    from clary.toolkit.train import train

    width = np.load(folder / "rows.npy", mmap_mode="r").shape[1]
    given = {"feature_dim": width, "num_components": components, "mini_batch_size": 5000}
    document = {**given, "algorithm_mode": way.split()[1]}
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / str(share))
        text = json.dumps({key: str(value) for key, value in document.items()})
        (base / "input" / "config" / "hyperparameters.json").write_text(text)
        log, sys.stdout = sys.stdout, io.StringIO()
        began = time.process_time()
        code = train("pca", base)
        seconds = time.process_time() - began
        sys.stdout = log
        assert code == 0
        return seconds, PCA.load(base / "model").components.astype("float64")


def in_memory(folder, _, components, __):
    """Train on rows in memory, in blocks as a file is read; returns CPU seconds and directions."""
    import io

    import numpy as np

    from clary.algorithms.pca import PCA
    from clary.toolkit.batch import Batch
    from clary.toolkit.host import Host
    from clary.toolkit.report import Report

    class Rows:
        name = "train"

        def batches(self, *_, **__):
            return (Batch(rows[start : start + 5000]) for start in range(0, len(rows), 5000))

    rows = np.load(folder / "rows.npy")
    given = {"feature_dim": rows.shape[1], "num_components": components, "mini_batch_size": 5000}
    params = PCA.Params.parse({key: str(value) for key, value in given.items()})
    model = PCA()
    began = time.process_time()
    model.train(params, {"train": Rows()}, Report(stream=io.StringIO()), Host())
    return time.process_time() - began, model.components.astype("float64")


def peer(folder, way, components, _):
    """Fit rows that are in memory already; returns CPU seconds and directions."""
    import numpy as np
    from sklearn.decomposition import PCA, IncrementalPCA

    rows = np.load(folder / "rows.npy")
    model = IncrementalPCA(components, batch_size=5000) if way == INCREMENTAL else None
    model = model or PCA(components, svd_solver=way.split()[1], random_state=0)
    began = time.process_time()
    model.fit(rows)
    return time.process_time() - began, model.components_.T.astype("float64")


def run(*arguments: object) -> str:
    """Run this file in a process of its own, with one thread."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command = [sys.executable, __file__, *map(str, arguments)]
    environment = {**os.environ, **threads}
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def compare(folder: str, components: int, repeats: int) -> None:
    """Measure every way in turn and print the table."""
    runs = [
        {way: json.loads(run("--measure", folder, way, components, 1)) for way in WAYS}
        for _ in range(repeats)
    ]
    best = {way: min((each[way] for each in runs), key=lambda one: one["seconds"]) for way in WAYS}
    print(f"{'':26}{'CPU s':>8}{'ratio':>8}{'held':>8}{'MB':>7}")
    for way, one in best.items():
        ratio = one["seconds"] / best[EXACT]["seconds"]
        print(f"{way:26}{one['seconds']:8.3f}{ratio:8.2f}{one['held']:8.4f}{one['peak']:7.0f}")


def main(rows: int, features: int, components: int, repeats: int, *, memory: bool) -> None:
    """Write the data, measure and print."""
    print(f"{rows} rows x {features} features, {components} components, one thread, best of {repeats}")
    with tempfile.TemporaryDirectory() as name:
        run("--write", name, rows, features)
        if not memory:
            compare(name, components, repeats)
            return
        for share in SHARES:
            peak = json.loads(run("--measure", name, REGULAR, components, share))["peak"]
            print(f"{REGULAR}: {rows // share:9} rows, peak {peak:5.0f} MB")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        folder, way, components, share = sys.argv[2:]
        print(json.dumps(measure(Path(folder), way, int(components), int(share))))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        main(*(numbers + [2_000_000, 20, 5, 3][len(numbers) :]), memory="--memory" in sys.argv)
