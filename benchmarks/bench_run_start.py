"""Start latency: how long from ``executor.start`` to a run's first log line, against a cold interpreter.

Both sides print one line after ``import numpy``: a run through the zygote, whose line has passed the shim
and is readable in the run's log when the clock stops, and ``python -c``, whose line is read from a pipe. The
two take turns, so that a busy machine is busy for both.

    python benchmarks/bench_run_start.py [rounds]
"""

import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from statistics import median, quantiles

from clary.compute import zygote
from clary.compute.executors.process import ProcessExecutor
from clary.compute.run_spec import Resources, RunSpec
from clary.core import clock
from clary.core.bus import Bus, Listener
from clary.testing.executor_contract import PAYLOAD, eventually

PROGRAM = "import numpy; print('up')"


def warm(executor: ProcessExecutor, listener: Listener, base: Path, run_id: str) -> tuple[float, float]:
    """Return the seconds from the request to the first log line and to the known end of a run."""
    spec = RunSpec(
        id=run_id,
        image="bench",
        module=PAYLOAD,
        command=("write", "up\n"),
        environment={},
        base=base,
        resources=Resources(1, 256),
    )
    begun = clock.monotonic()
    executor.start(spec)
    line = end = 0.0
    while not end:
        for topic, _ in listener.receive():
            if topic == "log" and executor.logs(run_id, 0).raw:
                line = clock.monotonic() - begun
            elif topic == "exit":
                assert executor.status(run_id).code == 0
                end = clock.monotonic() - begun
    return line, end


def cold(variables: dict[str, str]) -> float:
    """Return the seconds from the start of an interpreter to its first line."""
    begun = clock.monotonic()
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, env=variables) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return clock.monotonic() - begun


def main(rounds: int) -> None:
    """Measure and print one line a claim."""
    with tempfile.TemporaryDirectory(prefix="clary-") as folder:
        root = Path(folder)
        executor = ProcessExecutor(root / "runs", root / "s", root / "bus", root / "z" / "zygote")
        (root / "bus").mkdir()
        listener = Bus(root / "bus").listen()
        with zygote.launch(root / "z" / "zygote", ("numpy", PAYLOAD)):
            eventually((root / "z" / "zygote").exists, "the zygote listens")
            numbers = count()
            times = [
                (*warm(executor, listener, root, f"run-{next(numbers)}"), cold({"OPENBLAS_NUM_THREADS": "1"}))
                for _ in range(rounds)
            ]
        listener.close()
    lines, ends, colds = ([each * 1000 for each in column] for column in zip(*times, strict=True))
    for name, values in (
        ("first line, zygote", lines),
        ("end known, zygote", ends),
        ("first line, cold", colds),
    ):
        print(f"{name:20} p50 {median(values):7.2f} ms   p90 {quantiles(values, n=10)[-1]:7.2f} ms")
    print(f"cold / zygote at p50: {median(colds) / median(lines):.1f} (n = {rounds})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
