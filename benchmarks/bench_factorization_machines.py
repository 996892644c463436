"""Claim: a factorization machine trains many times faster than with torch's SparseAdam, and is as good.

Run ``python benchmarks/bench_factorization_machines.py [rows] [factors] [repeats]`` (300,000, 16 and 2 unless
given; ten features of 100,000 are 1 in each row, two epochs, no weight decay). Every way runs in turn in a
fresh process with one thread: torch on rows in memory, Clary from a RecordIO file. The table shows the least
CPU time of each, the rows a second it makes, their ratio to torch's, the root of the mean squared error
on rows not seen, and the peak of memory.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FIELDS, VALUES, EPOCHS, SIZE, NOISE = 10, 10_000, 2, 1000, 0.5
WIDTH, FRESH = FIELDS * VALUES, 20_000
OURS, PEER = "clary", "torch SparseAdam"
RATES = {"bias": 0.1, "linear": 0.02, "factors": 0.01}


def made(count):
    """Return the features that are 1, (rows, fields), and labels that depend on pairs of them."""
    import numpy as np

    random = np.random.default_rng(0)
    factors = random.normal(0, 0.4, (WIDTH, 4)) * (np.arange(WIDTH) % VALUES < VALUES // 50)[:, None]
    # Some values are common, as in logs; only these have factors that can be learnt.
    drawn = (VALUES * random.random((count + FRESH, FIELDS)) ** 8).astype(np.int64)
    places = drawn + VALUES * np.arange(FIELDS)
    own = factors[places]
    pairs = (np.square(own.sum(axis=1)) - np.square(own).sum(axis=1)).sum(axis=1) / 2
    return places, (pairs + random.normal(0, NOISE, len(pairs))).astype(np.float32)


def write(folder: Path, count: int) -> None:
    """Write the rows as arrays and as a training channel."""
    import numpy as np

    from clary.toolkit.formats import recordio

    places, labels = made(count)
    np.savez(folder / "rows.npz", places=places, labels=labels)
    (folder / "data" / "train").mkdir(parents=True)
    with (folder / "data" / "train" / "rows").open("wb") as file:
        for at in range(0, count, 10_000):
            part = slice(at, min(at + 10_000, count))
            rows = [dict.fromkeys(row, 1.0) for row in places[part].tolist()]
            file.write(recordio.write_sparse(rows, WIDTH, labels[part].tolist()))


def measure(folder: Path, way: str, factors: int) -> dict[str, float]:
    """Return CPU seconds, rows a second, the error on fresh rows, and peak megabytes of one way."""
    import numpy as np

    with np.load(folder / "rows.npz") as arrays:
        places, labels = arrays["places"], arrays["labels"]
    count = len(labels) - FRESH
    train = (places[:count], labels[:count])
    seconds, scores = (clary if way == OURS else peer)(folder, train, places[-FRESH:], factors)
    return {
        "seconds": seconds,
        "rate": EPOCHS * count / seconds,
        "rmse": float(np.sqrt(np.mean((scores - labels[-FRESH:]) ** 2))),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def clary(folder, _train, fresh, factors):
    """Run the training job as the platform does."""
    import io

    import numpy as np

    from clary.algorithms.factorization_machines import FactorizationMachines
    from clary.toolkit.batch import Batch
    from clary.toolkit.sparse import Sparse
    from clary.toolkit.train import train

    given = {
        "feature_dim": WIDTH,
        "num_factors": factors,
        "predictor_type": "regressor",
        "epochs": EPOCHS,
        "mini_batch_size": SIZE,
        "factors_init_sigma": 0.05,
        **{f"{group}_lr": rate for group, rate in RATES.items()},
        **{f"{group}_wd": 0 for group in RATES},
    }
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / "data")
        texts = {key: str(value) for key, value in given.items()}
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(texts))
        log, sys.stdout = sys.stdout, io.StringIO()
        began = time.process_time()
        code = train("factorization-machines", base)
        seconds = time.process_time() - began
        sys.stdout = log
        assert code == 0
        model = FactorizationMachines.load(base / "model")
    ones = np.ones(fresh.size, np.float32)
    rows = Sparse(np.arange(len(fresh) + 1) * FIELDS, fresh.astype(np.int32).ravel(), ones, WIDTH)
    return seconds, model.predict(Batch(rows)).fields["score"]


def peer(_folder, train, fresh, factors):
    """Train the same machine with embeddings whose gradients are sparse."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    places, labels = (torch.from_numpy(each) for each in train)
    bias = torch.zeros(1, requires_grad=True)
    linear = torch.nn.Embedding(WIDTH, 1, sparse=True)
    vectors = torch.nn.Embedding(WIDTH, factors, sparse=True)
    torch.nn.init.normal_(linear.weight, 0, 0.01)
    torch.nn.init.normal_(vectors.weight, 0, 0.05)

    def scores(rows):
        own = vectors(rows)
        pairs = own.sum(1).square().sum(1) - own.square().sum((1, 2))
        return bias + linear(rows).sum((1, 2)) + pairs / 2

    groups = [
        {"params": list(linear.parameters()), "lr": RATES["linear"]},
        {"params": list(vectors.parameters()), "lr": RATES["factors"]},
    ]
    optimizers = [torch.optim.SparseAdam(groups), torch.optim.Adam([bias], lr=RATES["bias"])]
    began = time.process_time()
    for _ in range(EPOCHS):
        for part in torch.randperm(len(labels)).split(SIZE):
            for optimizer in optimizers:
                optimizer.zero_grad()
            (torch.mean((scores(places[part]) - labels[part]) ** 2) / 2).backward()
            for optimizer in optimizers:
                optimizer.step()
    seconds = time.process_time() - began
    with torch.no_grad():
        return seconds, scores(torch.from_numpy(fresh)).numpy()


def main(rows: int, factors: int, repeats: int) -> None:
    """Measure both ways in turn and print the table."""
    results: dict[str, list[dict[str, float]]] = {PEER: [], OURS: []}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own: the peak of a child is at least what its parent takes.
        subprocess.run([sys.executable, __file__, "--write", name, str(rows)], check=True)
        for _ in range(repeats):
            for way, runs in results.items():
                done = subprocess.run(
                    [sys.executable, __file__, "--measure", name, way, str(factors)],
                    env={**os.environ, **threads},
                    stdout=subprocess.PIPE,
                    check=True,
                )
                runs.append(json.loads(done.stdout))
    best = {way: min(runs, key=lambda run: run["seconds"]) for way, runs in results.items()}
    print(f"{rows} rows, {WIDTH} features, k={factors}, {EPOCHS} epochs, one thread, best of {repeats}")
    print(f"{'':20}{'CPU s':>8}{'rows/s':>12}{'ratio':>8}{'rmse':>8}{'MB':>7}")
    for way, run in best.items():
        ratio = run["rate"] / best[PEER]["rate"]
        print(
            f"{way:20}{run['seconds']:8.2f}{run['rate']:12.0f}{ratio:8.1f}{run['rmse']:8.3f}{run['peak']:7.0f}"
        )
    print(f"The noise in the labels is {NOISE}.")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        main(*(numbers + [300_000, 16, 2][len(numbers) :]))
