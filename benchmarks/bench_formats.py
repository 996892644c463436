"""Claim: text and RecordIO are read several times as fast as by well-known readers, Parquet nearly as fast.

Run ``python benchmarks/bench_formats.py [rows] [repeats] [format ...]`` (300,000, 3 and all unless given; 28
features of float32 and a label, sparse rows with 30 of 100,000 features). Every way reads one file with one
thread in a process of its own, twice, in turn with the others; the table shows the least CPU seconds of each,
millions of rows and megabytes per CPU second, and the ratio of its time to Clary's with kernels. All ways end
in rows of float32, or in compressed sparse rows: Clary's batch by batch, its peers' all at once. Peers are
measured where they are installed.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FEATURES, WIDE, KEPT = 28, 100_000, 30
FILES = {
    "CSV": "train.csv",
    "RecordIO dense": "dense.rec",
    "RecordIO sparse": "sparse.rec",
    "libsvm": "train.libsvm",
    "Parquet plain": "plain.parquet",
    "Parquet snappy": "snappy.parquet",
    "NumPy": "train.npy",
    "JSON Lines": "train.jsonl",
}
KERNELS, NUMPY = "clary", "clary without kernels"
WAYS = {
    "CSV": (KERNELS, NUMPY, "polars", "pandas", "pyarrow"),
    "RecordIO dense": (KERNELS, NUMPY, "sagemaker"),
    "RecordIO sparse": (KERNELS, NUMPY, "sagemaker"),
    "libsvm": (KERNELS, NUMPY, "sklearn"),
    "Parquet plain": (KERNELS, NUMPY, "polars", "pandas", "pyarrow"),
    "Parquet snappy": (KERNELS, NUMPY, "polars", "pandas", "pyarrow"),
    "NumPy": (KERNELS, "numpy"),
    "JSON Lines": (KERNELS, "json"),
}
TYPES = {
    "train.csv": "text/csv",
    "dense.rec": "application/x-recordio-protobuf",
    "sparse.rec": "application/x-recordio-protobuf",
    "train.libsvm": "text/libsvm",
    "plain.parquet": "application/x-parquet",
    "snappy.parquet": "application/x-parquet",
    "train.npy": "application/x-npy",
    "train.jsonl": "application/jsonlines",
}
SLOW = {"sagemaker", "sklearn", "json"}
"""Peers that are measured once: they take longer than all others together."""


def write(folder: Path, count: int) -> None:
    """Write the same rows in every format."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from clary.toolkit import sparse
    from clary.toolkit.formats import libsvm, recordio

    random = np.random.default_rng(0)
    rows = random.normal(0, 1, (count, FEATURES)).astype(np.float32)
    rows[:, ::2] = np.exp(rows[:, ::2])
    labels = random.integers(0, 2, count).astype(np.float32)
    table = np.column_stack([labels, rows])
    with (folder / "train.csv").open("w") as file:
        for row in table.tolist():
            file.write(f"{row[0]:.0f}," + ",".join([f"{value:.8g}" for value in row[1:]]) + "\n")
    with (folder / "train.jsonl").open("w") as file:
        for row in table.tolist():
            file.write(json.dumps({"features": row[1:], "label": row[0]}) + "\n")
    (folder / "dense.rec").write_bytes(recordio.write(rows, labels))
    np.save(folder / "train.npy", table)
    columns = pa.table({f"c{number}": column for number, column in enumerate(np.ascontiguousarray(table.T))})
    pq.write_table(columns, folder / "plain.parquet", compression="none", use_dictionary=False)
    pq.write_table(columns, folder / "snappy.parquet")
    indices = np.sort(random.permuted(np.tile(np.arange(WIDE // 100), (count, 1)), axis=1)[:, :KEPT] * 100)
    values = random.normal(0, 1, (count, KEPT)).astype(np.float32).round(5)
    kept = [
        dict(zip(keys, row, strict=True)) for keys, row in zip(indices.tolist(), values.tolist(), strict=True)
    ]
    (folder / "sparse.rec").write_bytes(recordio.write_sparse(kept, WIDE))
    starts = np.arange(count + 1) * KEPT
    packed = sparse.Sparse(starts, indices.ravel().astype(np.int32), values.ravel(), WIDE)
    with (folder / "train.libsvm").open("w") as file:
        for label, row in zip(labels.tolist(), kept, strict=True):
            file.write(f"{label:.0f} " + " ".join(f"{key}:{value:.5g}" for key, value in row.items()) + "\n")
    assert (
        len(libsvm.decode(libsvm.write(packed.slice(0, 9), labels[:9]))) == 9
    )  # the same rows by our writer


def measure(path: Path, way: str) -> dict[str, float]:
    """Return the CPU seconds that one way takes and the rows that it finds."""
    read = ours(path, way) if way in (KERNELS, NUMPY) else peer(path, way)
    found = []
    for _ in range(1 if way in SLOW else 2):  # the first time libraries import what they need
        began = time.process_time()
        count = read()
        found.append(time.process_time() - began)
    return {"seconds": min(found), "rows": count}


def ours(path, way):
    """Return the reading of a channel."""
    import numpy as np

    from clary.toolkit.channel import Channel
    from clary.toolkit.formats import READERS, csv, libsvm, parquet, recordio

    np.empty(16 * 1024 * 1024, np.uint8)  # as a job does, so that the allocator keeps what is freed
    if way == NUMPY:
        for module in (csv, libsvm, parquet, recordio):
            module.kernels = None
    channel = Channel("train", path.parent, TYPES[path.name])
    assert channel.files() == [path]
    return lambda: sum(len(batch) for batch in channel.batches(tuple(READERS)))


def peer(path, way):
    """Return the reading by another library."""
    if path.suffix == ".parquet" or path.suffix == ".csv":
        return tables(path, way)
    if way == "sklearn":
        from sklearn.datasets import load_svmlight_file

        return lambda: load_svmlight_file(str(path), dtype="float32")[0].shape[0]
    if way == "sagemaker":
        logging.disable()  # it warns on the standard output
        from sagemaker.amazon.common import read_records

        return lambda: len(read_records(path.open("rb")))
    import numpy as np

    if way == "numpy":
        return lambda: len(np.ascontiguousarray(np.load(path)[:, 1:]))

    def lines():
        with path.open() as file:
            return len(np.array([json.loads(line)["features"] for line in file], np.float32))

    return lines


def tables(path, way):
    """Return the reading of CSV or Parquet into an array of rows."""
    import numpy as np

    names = [f"c{number}" for number in range(FEATURES + 1)]
    text = path.suffix == ".csv"
    if way == "polars":
        import polars as pl

        schema = dict.fromkeys(names, pl.Float32)
        if text:
            return lambda: len(pl.read_csv(path, has_header=False, schema=schema).to_numpy(order="c"))
        return lambda: len(pl.read_parquet(path).to_numpy(order="c"))
    if way == "pandas":
        import pandas as pd

        if text:
            return lambda: len(np.ascontiguousarray(pd.read_csv(path, header=None, dtype=np.float32)))
        return lambda: len(np.ascontiguousarray(pd.read_parquet(path).to_numpy()))
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)

    def read():
        if text:
            found = pa.csv.read_csv(
                path,
                pa.csv.ReadOptions(use_threads=False, column_names=names),
                convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float32())),
            )
        else:
            found = pa.parquet.read_table(path, use_threads=False)
        return len(np.column_stack([column.to_numpy() for column in found.columns]))

    return read


def installed(way: str) -> bool:
    """Tell whether the library that a way needs is there."""
    from importlib.util import find_spec

    return way in (KERNELS, NUMPY) or find_spec(way) is not None


def main(count: int, repeats: int, kinds: list[str]) -> None:
    """Measure every way of the formats, all unless some are named, in turn and print the table."""
    one = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "SAGEMAKER_SUPPRESS_V2_WARNING"),
        "1",
    )
    print(f"{count} rows x {FEATURES} features, sparse {KEPT} of {WIDE}; one thread, best of {repeats}")
    print(f"{'':16}{'':24}{'CPU s':>8}{'M rows/s':>10}{'MB/s':>8}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.executable, __file__, "--write", name, str(count)], check=True)
        for kind, file in FILES.items():
            if kinds and not kind.startswith(tuple(kinds)):
                continue
            path = Path(name) / kind.replace(" ", "-") / file
            path.parent.mkdir()
            (Path(name) / file).rename(path)
            ways = [way for way in WAYS[kind] if installed(way)]
            results = {way: [] for way in ways}
            for turn in range(repeats):
                for way in ways:
                    if turn and way in SLOW:
                        continue
                    done = subprocess.run(
                        [sys.executable, __file__, "--measure", str(path), way],
                        env={**os.environ, **one},
                        stdout=subprocess.PIPE,
                        check=True,
                    )
                    found = json.loads(done.stdout)
                    assert found["rows"] == count, (way, found)
                    results[way].append(found["seconds"])
            size = path.stat().st_size / 1e6
            for way, runs in results.items():
                best = min(runs)
                ratio = best / min(results[KERNELS])
                print(f"{kind:16}{way:24}{best:8.3f}{count / best / 1e6:10.2f}{size / best:8.0f}{ratio:8.2f}")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3])))
    elif "--write" in sys.argv:
        write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        words = [argument for argument in sys.argv[1:] if not argument.isdigit()]
        main(*(numbers + [300_000, 3][len(numbers) :]), words)
