"""Start latency: how long from ``executor.start`` to a run's first log line, against a cold interpreter.

Both sides print one line after ``import numpy``: a run through the zygote, whose line has passed the shim
and is readable in the run's log when the clock stops, and ``python -c``, whose line is read from a pipe. The
two take turns, so that a busy machine is busy for both.

    python benchmarks/bench_run_start.py [rounds]
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from clary.compute import zygote
from clary.compute.executors.process import ProcessExecutor
from clary.compute.isolation import Level
from clary.compute.room import Enforcement
from clary.compute.run_spec import Resources, RunSpec
from clary.core import clock
from clary.core.bus import Bus
from clary.testing.executor_contract import PAYLOAD, eventually

PROGRAM = "import numpy; print('up')"


WAYS = {
    "zygote, nothing else": (Level.NONE, Enforcement.NONE, False),
    "+ namespaces": (Level.NAMESPACES, Enforcement.NONE, False),
    "+ control groups": (Level.NAMESPACES, Enforcement.CONTROL_GROUPS, False),
    "+ no network": (Level.NAMESPACES, Enforcement.CONTROL_GROUPS, True),
}
"""How far runs are isolated, how their limits are kept, and whether they are off the network."""


class Bench:
    """A zygote and its executor, in a folder of its own."""

    def __init__(self, root: Path, level: Level, enforcement: Enforcement, unconnected: bool) -> None:
        self.unconnected = unconnected
        self._root = root
        (root / "bus").mkdir(parents=True)
        self.listener = Bus(root / "bus").listen()
        socket = root / "z" / "zygote"
        self.executor = ProcessExecutor(root / "runs", root / "s", root / "bus", socket)
        self.zygote = zygote.launch(socket, ("numpy", PAYLOAD), level, enforcement)
        eventually(socket.exists, "the zygote listens")

    def warm(self, run_id: str) -> tuple[float, float]:
        """Return the seconds from the request to the first log line and to the known end of a run."""
        spec = RunSpec(
            id=run_id,
            image="bench",
            module=PAYLOAD,
            command=("write", "up\n"),
            environment={},
            base=self._root,
            resources=Resources(1, 256),
            network_isolation=self.unconnected,
        )
        begun = clock.monotonic()
        self.executor.start(spec)
        line = end = 0.0
        while not end:
            for topic, _ in self.listener.receive():
                if topic == "log" and self.executor.logs(run_id, 0).raw:
                    line = clock.monotonic() - begun
                elif topic == "exit":
                    assert self.executor.status(run_id).code == 0
                    end = clock.monotonic() - begun
        return line, end

    def close(self) -> None:
        """End the zygote and the listener."""
        self.zygote.communicate()
        self.listener.close()


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
        benches = {
            name: Bench(Path(folder, str(number)), *way) for number, (name, way) in enumerate(WAYS.items())
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in benches}
        colds = []
        for turn in range(rounds):
            for name, bench in benches.items():
                times[name].append(bench.warm(f"run-{turn}"))
            colds.append(cold({"OPENBLAS_NUM_THREADS": "1"}) * 1000)
        for bench in benches.values():
            bench.close()
    lines = {name: [line * 1000 for line, _ in each] for name, each in times.items()}
    ends = {name: [end * 1000 for _, end in each] for name, each in times.items()}
    for name, values in lines.items():
        tail = quantiles(values, n=10)[-1]
        print(
            f"{name:22} first line p50 {median(values):7.2f} ms   p90 {tail:7.2f} ms   "
            f"end known p50 {median(ends[name]):7.2f} ms"
        )
    print(f"{'cold interpreter':22} first line p50 {median(colds):7.2f} ms")
    everything = median(lines["+ no network"])
    print(f"cold / zygote with everything at p50: {median(colds) / everything:.1f} (n = {rounds})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
