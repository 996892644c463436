"""Claim: IP Insights learns in less time than the same network on PyTorch, and more than a factorized matrix.

Run ``python benchmarks/bench_ip_insights.py [pairs] [repeats]`` (200,000 and 2 unless given; 5,000 users of
300 networks, vectors of 32 numbers, 5 epochs). Every way runs in turn in a fresh process with one thread. The
table shows the least CPU time, of Clary from the CSV file to the model, of peers from arrays, and how well
pairs that were not learnt from are told from pairs with random addresses and with addresses of others.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

USERS, NETWORKS, DIM, EPOCHS, BATCH, RATE = 5000, 300, 32, 5, 1000, 0.01
CLARY, TORCH, SVD = "clary", "the same network on PyTorch", "scikit-learn TruncatedSVD, /16"


def log_ins(count, seed):
    """Return users and addresses: a user has up to three networks, a network three ranges of addresses."""
    import numpy as np

    world = np.random.default_rng(5)
    lengths = world.integers(12, 23, (NETWORKS, 3))
    bases = world.integers(1 << 24, 223 << 24, (NETWORKS, 3)) >> (32 - lengths) << (32 - lengths)
    homes, shares = world.integers(0, NETWORKS, (USERS, 3)), world.dirichlet(np.full(3, 0.7), USERS)
    random = np.random.default_rng(seed)
    users, ranges = random.integers(0, USERS, count), random.integers(0, 3, count)
    turns = np.minimum((random.random(count)[:, None] > shares.cumsum(axis=1)[users]).sum(axis=1), 2)
    networks = homes[users, turns]
    spread = random.random(count) * 2.0 ** (32 - lengths[networks, ranges])
    return users, (bases[networks, ranges] + spread.astype(np.int64)).astype(np.uint32)


def measure(way: str, count: int) -> dict[str, float]:
    """Return CPU seconds and the two areas of one way."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    users, addresses = log_ins(20_000, 1)
    random = np.random.default_rng(0)
    seconds, scores = {CLARY: clary, TORCH: torch_network, SVD: svd}[way](count)
    areas = []
    for negatives in (random.integers(0, 1 << 32, len(users), np.uint32), random.permutation(addresses)):
        found = np.concatenate([scores(users, addresses), scores(users, negatives)])
        areas.append(float(roc_auc_score(np.arange(len(found)) < len(users), found)))
    return {"seconds": seconds, "random": areas[0], "shuffled": areas[1]}


def clary(count):
    """Run the training job as the platform does."""
    import io
    import socket
    import zlib

    import numpy as np

    from clary.algorithms.ip_insights.network import Network
    from clary.toolkit.train import train

    given = {
        "num_entity_vectors": "1000000",
        "vector_dim": str(DIM),
        "epochs": str(EPOCHS),
        "mini_batch_size": str(BATCH),
        "learning_rate": str(RATE),
    }
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(given))
        (base / "input" / "data" / "train").mkdir(parents=True)
        lines = (
            f"user_{user},{socket.inet_ntoa(int(address).to_bytes(4))}\n"
            for user, address in zip(*log_ins(count, 0), strict=True)
        )
        (base / "input" / "data" / "train" / "log-ins.csv").write_text("".join(lines))
        log, sys.stdout = sys.stdout, io.StringIO()
        began = time.process_time()
        code = train("ipinsights", base)
        seconds = time.process_time() - began
        sys.stdout = log
        assert code == 0
        network = Network.load(base / "model")
    hashes = np.array([zlib.crc32(f"user_{user}".encode()) for user in range(USERS)], np.uint32)
    return seconds, lambda users, addresses: network.scores(np.column_stack([hashes[users], addresses]))


def torch_network(count):
    """Train the network of the algorithm by PyTorch, with its sparse Adam."""
    import numpy as np
    import torch

    from clary.algorithms.ip_insights.prefixes import Census
    from clary.toolkit.cluster import Cluster

    torch.set_num_threads(1)
    torch.manual_seed(0)
    users, addresses = log_ins(count, 0)
    random = np.random.default_rng(0)
    began = time.process_time()
    census = Census()
    census.add(addresses)
    prefixes = census.prefixes(Cluster())
    table = torch.nn.EmbeddingBag(len(prefixes), DIM, mode="sum", sparse=True)
    entities, layer = torch.nn.Embedding(USERS, DIM, sparse=True), torch.nn.Linear(DIM, DIM)
    with torch.no_grad():
        table.weight.mul_(0.3)
        entities.weight.zero_()
    sparse = torch.optim.SparseAdam([*table.parameters(), *entities.parameters()], lr=RATE)
    dense = torch.optim.Adam(layer.parameters(), lr=RATE)

    def vectors(asked):
        rows = prefixes.of(asked)
        summed = table(torch.from_numpy(rows.indices.astype(np.int64)), torch.from_numpy(rows.starts[:-1]))
        return summed + torch.relu(layer(summed))

    for _ in range(EPOCHS):
        order = random.permutation(count)
        for start in range(0, count, BATCH):
            part = order[start : start + BATCH]
            made_up = random.integers(0, 1 << 32, len(part), np.uint32)
            own, other = vectors(np.concatenate([addresses[part], made_up])).split(len(part))
            entity = entities(torch.from_numpy(users[part]))
            shuffled = own[torch.from_numpy(random.permutation(len(part)))]
            scores = torch.cat([(entity * each).sum(dim=1) for each in (own, other, shuffled)])
            labels = (torch.arange(len(scores)) < len(part)).float()
            loss = 3 * torch.nn.functional.binary_cross_entropy_with_logits(scores, labels)
            for optimizer in (sparse, dense):
                optimizer.zero_grad()
            loss.backward()
            for optimizer in (sparse, dense):
                optimizer.step()
    seconds = time.process_time() - began

    def scores_of(asked, where):
        with torch.no_grad():
            return (entities(torch.from_numpy(asked)) * vectors(where)).sum(dim=1).numpy()

    return seconds, scores_of


def svd(count):
    """Factorize how often a user was seen in which network of 16 bits."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from sklearn.decomposition import TruncatedSVD

    users, addresses = log_ins(count, 0)
    began = time.process_time()
    counts = coo_matrix((np.ones(count), (users, addresses >> 16)), (USERS, 1 << 16)).tocsr()
    counts.data = np.log1p(counts.data)
    model = TruncatedSVD(DIM, random_state=0)
    rows, networks = model.fit_transform(counts), model.components_.T
    seconds = time.process_time() - began
    return seconds, lambda asked, where: np.einsum("ij,ij->i", rows[asked], networks[where >> 16])


def main(count: int, repeats: int) -> None:
    """Measure every way in turn and print the table."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    print(f"{count} pairs, {USERS} users, vectors of {DIM}, {EPOCHS} epochs, one thread, best of {repeats}")
    print(f"{'':32}{'CPU s':>8}{'AUC, random':>14}{'AUC, shuffled':>15}")
    for way in (CLARY, TORCH, SVD):
        command = [sys.executable, __file__, "--measure", way, str(count)]
        runs = [
            json.loads(
                subprocess.run(
                    command, env={**os.environ, **threads}, stdout=subprocess.PIPE, check=True
                ).stdout
            )
            for _ in range(repeats)
        ]
        best = min(runs, key=lambda run: run["seconds"])
        print(f"{way:32}{best['seconds']:8.2f}{best['random']:14.4f}{best['shuffled']:15.4f}")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
    else:
        numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        main(*(numbers + [200_000, 2][len(numbers) :]))
