"""Claim: k-means in one pass costs less than scikit-learn's and faiss's, for clusters as good as Lloyd's.

Run ``python benchmarks/bench_kmeans.py [rows] [k] [repeats]`` (1,000,000, 50 and 3 unless given; 20 features,
50 clusters that overlap little). Every way runs in turn in a fresh process with one thread, peers on rows in
memory, Clary from a RecordIO file; the table shows the least CPU time of each, its ratio to that of
MiniBatchKMeans with one epoch, the mean squared distance of rows to their centres, and the peak of memory.
faiss is measured where it is installed. ``--sorted`` lets rows come cluster by cluster. ``--memory`` shows
the peak of Clary's job alone for an eighth of the rows, half of them and all.
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

FEATURES, CLUSTERS = 20, 50
PEERS = ("sklearn MiniBatchKMeans, 1 epoch", "sklearn KMeans, 20 iterations", "faiss, 20 iterations")
OURS = ("clary", "clary, extra_center_factor 10", "clary, kmeans++")
GIVEN = {OURS[1]: {"extra_center_factor": "10"}, OURS[2]: {"init_method": "kmeans++"}}


def rows_of(count, *, ordered):
    """Return rows around 50 middles."""
    import numpy as np

    random = np.random.default_rng(0)
    middles, labels = random.normal(0, 4, (CLUSTERS, FEATURES)), random.integers(0, CLUSTERS, count)
    labels = np.sort(labels) if ordered else labels
    return (middles[labels] + random.normal(0, 1, (count, FEATURES))).astype(np.float32)


def write(folder: Path, count: int, *, ordered: bool) -> None:
    """Write the rows as an array and as a training channel."""
    import numpy as np

    from clary.toolkit.formats import recordio

    table = rows_of(count, ordered=ordered)
    np.save(folder / "rows.npy", table)
    (folder / "data" / "train").mkdir(parents=True)
    (folder / "data" / "train" / "rows").write_bytes(recordio.write(table))


def measure(folder: Path, way: str, k: int) -> dict[str, float]:
    """Return CPU seconds, the mean squared distance, and peak megabytes of one way."""
    import numpy as np

    began, centres = (clary if way in OURS else peer)(folder, way, k)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = np.load(folder / "rows.npy", mmap_mode="r")
    return {"seconds": began, "msd": deviation(rows, centres), "peak": peak}


def deviation(rows, centres):
    """Return the mean squared distance to the nearest centre."""
    import numpy as np

    total = 0.0
    for at in range(0, len(rows), 20_000):
        part = rows[at : at + 20_000].astype(np.float64)
        squares = np.square(part).sum(axis=1)[:, None] - 2 * part @ centres.T + np.square(centres).sum(axis=1)
        total += squares.min(axis=1).sum()
    return total / len(rows)


def clary(folder, way, k):
    """Run the training job as the platform does."""
    import io

    from clary.algorithms.kmeans import KMeans
    from clary.toolkit.train import train

    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / "data")
        given = {"k": str(k), "feature_dim": str(FEATURES), **GIVEN.get(way, {})}
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(given))
        log, sys.stdout = sys.stdout, io.StringIO()
        began = time.process_time()
        code = train("kmeans", base)
        seconds = time.process_time() - began
        sys.stdout = log
        assert code == 0
        return seconds, KMeans.load(base / "model").centres.astype("float64")


def peer(folder, way, k):
    """Fit rows that are in memory already."""
    import numpy as np

    rows = np.load(folder / "rows.npy")
    if way.startswith("faiss"):
        import faiss

        faiss.omp_set_num_threads(1)
        made = faiss.Kmeans(FEATURES, k, niter=20, seed=0)
        began = time.process_time()
        made.train(rows)
        return time.process_time() - began, made.centroids.astype(np.float64)
    from sklearn.cluster import KMeans, MiniBatchKMeans

    if "MiniBatch" in way:
        made = MiniBatchKMeans(k, batch_size=5000, max_iter=1, n_init=1, random_state=0)
    else:
        made = KMeans(k, max_iter=20, n_init=1, random_state=0)
    began = time.process_time()
    made.fit(rows)
    return time.process_time() - began, made.cluster_centers_.astype(np.float64)


def memory(rows: int, k: int) -> None:
    """Print the peak of the job for more and more rows."""
    for count in (rows // 8, rows // 2, rows):
        with tempfile.TemporaryDirectory() as name:
            subprocess.run([sys.executable, __file__, "--write", name, str(count), ""], check=True)
            command = [sys.executable, __file__, "--measure", name, OURS[0], str(k)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        print(f"{OURS[0]}: {count:9} rows, peak {json.loads(done.stdout)['peak']:5.0f} MB")


def main(rows: int, k: int, repeats: int, *, ordered: bool) -> None:
    """Measure every way in turn and print the table."""
    ways = [way for way in (*PEERS, *OURS) if "faiss" not in way or importlib.util.find_spec("faiss")]
    results: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    order = ", sorted" if ordered else ""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own: the peak of a child is at least what its parent takes.
        subprocess.run([sys.executable, __file__, "--write", name, str(rows), order], check=True)
        for _ in range(repeats):
            for way in ways:
                done = subprocess.run(
                    [sys.executable, __file__, "--measure", name, way, str(k)],
                    env={**os.environ, **threads},
                    stdout=subprocess.PIPE,
                    check=True,
                )
                results[way].append(json.loads(done.stdout))
    best = {way: min(runs, key=lambda run: run["seconds"]) for way, runs in results.items()}
    print(f"{rows} rows x {FEATURES} features{order}, k={k}, one thread, best of {repeats}")
    print(f"{'':34}{'CPU s':>8}{'ratio':>8}{'msd':>8}{'MB':>7}")
    for way, run in best.items():
        ratio = run["seconds"] / best[PEERS[0]]["seconds"]
        print(f"{way:34}{run['seconds']:8.3f}{ratio:8.3f}{run['msd']:8.2f}{run['peak']:7.0f}")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), int(sys.argv[3]), ordered=bool(sys.argv[4]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        rows, k, repeats = numbers + [1_000_000, 50, 3][len(numbers) :]
        if "--memory" in sys.argv:
            memory(rows, k)
        else:
            main(rows, k, repeats, ordered="--sorted" in sys.argv)
