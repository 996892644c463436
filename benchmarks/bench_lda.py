"""Claim: topics cost a fraction of the time of tomotopy and scikit-learn, and refined ones are better.

Run ``python benchmarks/bench_lda.py [documents] [length] [repeats]`` (5,000, 150 and 1 unless given; 2,000
words, 20 topics of few words each). Every way runs in turn in a fresh process with one thread on the same
documents: the peers on what they take in memory, Clary from a RecordIO file. The table shows the least CPU
time of each, its ratio to that of the first, the distance of topics to those that the documents were drawn
from (the sum over words of differences, from 0 to 2, topics matched), and the peak of memory. A peer that
is not installed is left out. tomotopy, which often ends in a local optimum, has three seeds, of which the
likeliest counts; its time is that of one.
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

WORDS, TOPICS, PASSES, SEEDS = 2000, 20, 10, 3
TOMOTOPY, SKLEARN = "tomotopy, 200 iterations", "sklearn online, 10 passes"
OURS, REFINED = "clary", f"clary, {PASSES} refining passes"


def write(folder: Path, count: int, length: int) -> None:
    """Write the documents as counts and as a training channel, and the topics they are drawn from."""
    import numpy as np

    from clary.toolkit.formats import recordio

    random = np.random.default_rng(0)
    topics = random.dirichlet(np.full(WORDS, 0.05), TOPICS)
    mixtures = random.dirichlet(np.full(TOPICS, 1 / TOPICS), count)
    sizes = np.maximum(random.poisson(length, count), 3)
    counts = np.array(
        [random.multinomial(size, mixture @ topics) for size, mixture in zip(sizes, mixtures, strict=True)],
        np.float32,
    )
    np.savez(folder / "documents.npz", counts=counts, topics=topics)
    (folder / "data" / "train").mkdir(parents=True)
    rows = [{int(word): float(row[word]) for word in np.flatnonzero(row)} for row in counts]
    (folder / "data" / "train" / "documents").write_bytes(recordio.write_sparse(rows, WORDS))


def measure(folder: Path, way: str) -> dict[str, float]:
    """Return CPU seconds, the distance of topics, and peak megabytes of one way."""
    import numpy as np

    with np.load(folder / "documents.npz") as arrays:
        truth = arrays["topics"]
    find = {TOMOTOPY: tomotopy, SKLEARN: sklearn}.get(way, clary)
    seconds, topics = find(folder, way)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "distance": distance(truth, topics), "peak": peak}


def distance(truth, topics):
    """Return the mean distance of topics that are matched so that it is least."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    costs = np.abs(truth[:, None] - topics[None]).sum(axis=2)
    return float(costs[linear_sum_assignment(costs)].mean())


def counts_of(folder):
    """Return the counts of words."""
    import numpy as np

    with np.load(folder / "documents.npz") as arrays:
        return arrays["counts"]


def clary(folder, way):
    """Run the training job as the platform does."""
    import io

    from clary.algorithms.lda import LDA
    from clary.toolkit.train import train

    given = {"num_topics": TOPICS, "feature_dim": WORDS, "mini_batch_size": 5000}
    given["refine_iterations"] = PASSES if way == REFINED else 0
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / "data")
        texts = {key: str(value) for key, value in given.items()}
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(texts))
        log, sys.stdout = sys.stdout, io.StringIO()
        began = time.process_time()
        code = train("lda", base)
        seconds = time.process_time() - began
        sys.stdout = log
        assert code == 0
        return seconds, LDA.load(base / "model").topics.words


def tomotopy(folder, _way):
    """Sample as its manual shows, with the true prior; words are added beforehand."""
    import numpy as np
    import tomotopy as library

    counts = counts_of(folder)
    seconds, models = 0.0, []
    for seed in range(SEEDS):
        model = library.LDAModel(k=TOPICS, alpha=1 / TOPICS, eta=0.05, seed=seed)
        for row in counts:
            words = np.flatnonzero(row)
            model.add_doc(list(map(str, np.repeat(words, row[words].astype(int)))))
        began = time.process_time()
        model.train(200, workers=1)
        seconds += time.process_time() - began
        models.append(model)
    best = max(models, key=lambda model: model.ll_per_word)
    topics = np.zeros((TOPICS, WORDS))
    for topic in range(TOPICS):
        topics[topic, [int(word) for word in best.used_vocabs]] = best.get_topic_word_dist(topic)
    return seconds / SEEDS, topics


def sklearn(folder, _way):
    """Fit online variational Bayes."""
    from scipy.sparse import csr_matrix
    from sklearn.decomposition import LatentDirichletAllocation

    model = LatentDirichletAllocation(TOPICS, learning_method="online", max_iter=10, random_state=0)
    counts = csr_matrix(counts_of(folder))
    began = time.process_time()
    model.fit(counts)
    seconds = time.process_time() - began
    return seconds, model.components_ / model.components_.sum(axis=1, keepdims=True)


def main(documents: int, length: int, repeats: int) -> None:
    """Measure every way in turn and print the table."""
    ways = [SKLEARN, OURS, REFINED]
    if importlib.util.find_spec("tomotopy"):
        ways.insert(0, TOMOTOPY)
    results: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own: the peak of a child is at least what its parent takes.
        subprocess.run([sys.executable, __file__, "--write", name, str(documents), str(length)], check=True)
        for _ in range(repeats):
            for way, runs in results.items():
                done = subprocess.run(
                    [sys.executable, __file__, "--measure", name, way],
                    env={**os.environ, **threads},
                    stdout=subprocess.PIPE,
                    check=True,
                )
                runs.append(json.loads(done.stdout))
    best = {way: min(runs, key=lambda run: run["seconds"]) for way, runs in results.items()}
    first = next(iter(best.values()))["seconds"]
    print(f"{documents} documents of {length} words, {TOPICS} topics, one thread, best of {repeats}")
    print(f"{'':28}{'CPU s':>8}{'ratio':>8}{'L1 error':>10}{'MB':>7}")
    for way, run in best.items():
        ratio = run["seconds"] / first
        print(f"{way:28}{run['seconds']:8.2f}{ratio:8.3f}{run['distance']:10.3f}{run['peak']:7.0f}")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3])))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        main(*(numbers + [5000, 150, 1][len(numbers) :]))
