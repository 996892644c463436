"""Claim: exact neighbours cost less than scikit-learn's and faiss's, inverted lists what faiss's cost.

Run ``python benchmarks/bench_knn.py [rows] [queries] [repeats]`` (990,000, 200 and 3 unless given; 28
features, 10 neighbours). Every way runs in turn in a fresh process with one thread; Clary trains from a
RecordIO file, loads what it saved and answers requests, peers have the rows in memory. The table shows the
least CPU time that it takes to be ready to answer (of Clary the training job and loading), of a query among
many, of a query alone, the share of the nearest that are found, and the peak of memory. ``--memory`` shows
the peak of a training job with ``sample_size=50000`` for an eighth of the rows, half of them and all.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FEATURES, K, ALONE = 28, 10, 5
SKLEARN, FAISS, FAISS_IVF = "sklearn brute", "faiss Flat", "faiss IVFFlat"
CLARY, CLARY_IVF = "clary faiss.Flat", "clary faiss.IVFFlat"
WAYS = (SKLEARN, FAISS, CLARY, FAISS_IVF, CLARY_IVF)
MEMORY = "clary, sample of 50000"
SHARES = (8, 2, 1)
PROBES = 5


def write(folder: Path, count: int, queries: int) -> None:
    """Write rows and queries as arrays and as training channels, and the distances to be found."""
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    from clary.toolkit.formats import recordio

    random = np.random.default_rng(0)
    rows = random.normal(0, 1, (count + queries, FEATURES)).astype(np.float32)
    rows, asked = rows[:count], rows[count:]
    np.save(folder / "rows.npy", rows)
    np.save(folder / "queries.npy", asked)
    exact = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(rows).kneighbors(asked)[0]
    np.save(folder / "exact.npy", exact**2)
    labels = (rows[:, 0] > 0).astype(np.float32)
    for share in SHARES:
        channel = folder / str(share) / "train"
        channel.mkdir(parents=True)
        part = count // share
        (channel / "rows").write_bytes(recordio.write(rows[:part], labels[:part]))


def measure(folder: Path, way: str, share: int) -> dict[str, float]:
    """Return what one way takes and finds."""
    import numpy as np

    rows = None if way.startswith("clary") else np.load(folder / "rows.npy")
    began = time.process_time()
    search = clary(folder, way, share) if rows is None else peer(way, rows)
    ready = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    queries, exact = np.load(folder / "queries.npy"), np.load(folder / "exact.npy")
    search(queries[:1])
    began = time.process_time()
    found = search(queries)
    many = (time.process_time() - began) / len(queries)
    began = time.process_time()
    for number in range(ALONE):
        search(queries[number : number + 1])
    alone = (time.process_time() - began) / ALONE
    recall = float(np.mean(found <= exact[:, -1:] * (1 + 1e-4)))
    return {"ready": ready, "many": 1000 * many, "alone": 1000 * alone, "recall": recall, "peak": peak}


def peer(way, rows):
    """Return a library's function from queries to squared distances."""
    import faiss
    from sklearn.neighbors import NearestNeighbors

    if way == SKLEARN:
        made = NearestNeighbors(n_neighbors=K, algorithm="brute", n_jobs=1).fit(rows)
        return lambda queries: made.kneighbors(queries)[0] ** 2
    faiss.omp_set_num_threads(1)
    index = flat = faiss.IndexFlatL2(FEATURES)
    if way == FAISS_IVF:
        index = faiss.IndexIVFFlat(flat, FEATURES, int(len(rows) ** 0.5))
        index.train(rows)
        index.nprobe = PROBES
    index.add(rows)
    return lambda queries: index.search(queries, K)[0]


def clary(folder, way, share):
    """Run the training job as the platform does, load the model and return how it answers."""
    import io

    import numpy as np

    from clary.algorithms.knn import KNN
    from clary.toolkit.batch import Batch
    from clary.toolkit.train import train

    size = 50_000 if way == MEMORY else len(np.load(folder / "rows.npy", mmap_mode="r"))
    given = {"feature_dim": FEATURES, "k": K, "predictor_type": "classifier", "sample_size": size}
    given["index_type"] = way.rpartition(" ")[2] if way in WAYS else "faiss.Flat"
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / str(share))
        document = json.dumps({key: str(value) for key, value in given.items()})
        (base / "input" / "config" / "hyperparameters.json").write_text(document)
        log, sys.stdout = sys.stdout, io.StringIO()
        code = train("knn", base)
        sys.stdout = log
        assert code == 0
        model = KNN.load(base / "model")
    return lambda queries: model.predict_verbose(Batch(queries)).fields["distances"]


def run(*arguments: object) -> str:
    """Run this file in a process of its own, with one thread."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command = ["taskset", "-c", str(min(os.sched_getaffinity(0))), sys.executable, __file__]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        env={**os.environ, **threads},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def compare(folder: str, repeats: int) -> None:
    """Measure every way in turn and print the table."""
    results = [{way: json.loads(run("--measure", folder, way, 1)) for way in WAYS} for _ in range(repeats)]
    heads = {"ready": "ready s", "many": "ms/query", "alone": "ms alone", "recall": "recall", "peak": "MB"}
    print(f"{'':22}" + "".join(f"{head:>10}" for head in heads.values()))
    for way in WAYS:
        best = {name: min(each[way][name] for each in results) for name in heads}
        print(f"{way:22}" + "".join(f"{best[name]:10.3f}" for name in heads))


def main(rows: int, queries: int, repeats: int, *, memory: bool) -> None:
    """Write the data, measure and print."""
    print(f"{rows} rows x {FEATURES} features, k={K}, {queries} queries, one thread, best of {repeats}")
    with tempfile.TemporaryDirectory() as name:
        run("--write", name, rows, queries)
        if not memory:
            compare(name, repeats)
            return
        for share in SHARES:
            peak = json.loads(run("--measure", name, MEMORY, share))["peak"]
            print(f"{MEMORY}: {rows // share:9} rows, peak {peak:5.0f} MB")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        main(*(numbers + [990_000, 200, 3][len(numbers) :]), memory="--memory" in sys.argv)
