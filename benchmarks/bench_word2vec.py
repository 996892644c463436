"""Claim: BlazingText's vectors of words cost less than gensim's, for analogies solved as well.

Run ``python benchmarks/bench_word2vec.py [tokens] [repeats]`` (2,000,000 and 2 unless given; 100 dimensions,
windows of 5, 5 negatives, 3 passes). The text is made up: words that have two traits stand among words that
go with one or the other, so that analogies have right answers; most words are of a Zipf distribution. Every
way runs in turn in a fresh process with one thread, from the text file: Clary as a training job, gensim by
its own reader of such files. The table shows the least CPU time of each, tokens a second (of all passes),
and the shares of analogies solved, and of nearest neighbours that share a trait.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OURS = ("clary skipgram", "clary batch_skipgram", "clary cbow")
PEERS = ("gensim skipgram", "gensim cbow")
DIM, WINDOW, NEGATIVES, PASSES, RATE = 100, 5, 5, 3, 0.05
KINDS, CONTEXTS, COMMON = 12, 30, 30_000


def write(path: Path, tokens: int) -> None:
    """Write sentences of 20 words; in every fourth a word of two traits among six words that go with it."""
    import numpy as np

    random = np.random.default_rng(0)
    shares = 1 / np.arange(1, COMMON + 1)
    common = random.choice(COMMON, tokens, p=shares / shares.sum()).reshape(-1, 20)
    with path.open("w") as file:
        for number, row in enumerate(common):
            words = [f"c{word}" for word in row]
            if number % 4 == 0:
                first, second = random.integers(0, KINDS, 2)
                words[7:14] = [f"a{first}n{each}" for each in random.integers(0, CONTEXTS, 3)] + [
                    f"x{first}y{second}",
                    *(f"b{second}n{each}" for each in random.integers(0, CONTEXTS, 3)),
                ]
            file.write(" ".join(words) + "\n")


def quality(vectors) -> dict[str, float]:
    """Return the share of analogies solved, and of nearest neighbours with a trait in common."""
    import numpy as np

    random = np.random.default_rng(1)
    grid = np.array([[vectors(f"x{i}y{j}") for j in range(KINDS)] for i in range(KINDS)])
    grid /= np.linalg.norm(grid, axis=2, keepdims=True)
    flat = grid.reshape(-1, DIM)
    solved = []
    for _ in range(2000):
        i, k = random.choice(KINDS, 2, replace=False)
        j, m = random.choice(KINDS, 2, replace=False)
        scores = flat @ (grid[i, j] - grid[i, m] + grid[k, m])
        scores[[i * KINDS + j, i * KINDS + m, k * KINDS + m]] = -9
        solved.append(scores.argmax() == k * KINDS + j)
    alike = flat @ flat.T - 2 * np.eye(len(flat))
    near, own = alike.argmax(axis=1), np.arange(len(flat))
    shared = (near // KINDS == own // KINDS) | (near % KINDS == own % KINDS)
    return {"solved": float(np.mean(solved)), "shared": float(np.mean(shared))}


def measure(folder: Path, way: str) -> dict[str, float]:
    """Return CPU seconds and quality of one way."""
    seconds, vectors = (clary if way in OURS else peer)(folder, way.split()[1])
    return {"seconds": seconds, **quality(vectors)}


def clary(folder: Path, mode: str):
    """Run the training job as the platform does."""
    from clary.algorithms.blazingtext import BlazingText
    from clary.toolkit.train import train

    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "data").symlink_to(folder / "data")
        given = {
            "mode": mode,
            "vector_dim": DIM,
            "window_size": WINDOW,
            "epochs": PASSES,
            "learning_rate": RATE,
        }
        given |= {"negative_samples": NEGATIVES}
        texts = {key: str(value) for key, value in given.items()}
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(texts))
        log, sys.stdout = sys.stdout, io.StringIO()
        began = time.process_time()
        code = train("blazingtext", base)
        seconds = time.process_time() - began
        sys.stdout = log
        assert code == 0
        model = BlazingText.load(base / "model").model
        return seconds, lambda word: model.of([word.encode()])[0]


def peer(folder: Path, mode: str):
    """Let gensim read and learn the same file."""
    from gensim.models import Word2Vec

    began = time.process_time()
    made = Word2Vec(
        corpus_file=str(folder / "data" / "train" / "text"),
        vector_size=DIM,
        window=WINDOW,
        negative=NEGATIVES,
        epochs=PASSES,
        alpha=RATE,
        sample=1e-4,
        sg=int(mode == "skipgram"),
        workers=1,
        seed=1,
    )
    return time.process_time() - began, made.wv.__getitem__


def main(tokens: int, repeats: int) -> None:
    """Measure every way in turn and print the table."""
    results: dict[str, list[dict[str, float]]] = {way: [] for way in (*PEERS, *OURS)}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data" / "train"
        folder.mkdir(parents=True)
        write(folder / "text", tokens // 20 * 20)
        for _ in range(repeats):
            for way, runs in results.items():
                done = subprocess.run(
                    [sys.executable, __file__, "--measure", name, way],
                    env={**os.environ, **threads},
                    stdout=subprocess.PIPE,
                    check=True,
                )
                runs.append(json.loads(done.stdout))
    print(f"{tokens} tokens, {PASSES} passes, {DIM} dimensions, one thread, best of {repeats}")
    print(f"{'':24}{'CPU s':>8}{'tokens/s':>12}{'analogies':>11}{'neighbours':>12}")
    for way, runs in results.items():
        best = min(runs, key=lambda run: run["seconds"])
        speed = tokens * PASSES / best["seconds"]
        print(f"{way:24}{best['seconds']:8.2f}{speed:12,.0f}{best['solved']:11.3f}{best['shared']:12.3f}")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3])))
    else:
        numbers = [int(argument) for argument in sys.argv[1:]]
        main(*(numbers + [2_000_000, 2][len(numbers) :]))
