"""A million training jobs: finding some among them takes no longer than among a thousand.

Fills a database with jobs as they stand after years of use and asks for them as clients do, through the
service without the wire. For each question it prints the median, and as ratios to the median at the fewest
jobs median and 99th percentile, and as a ratio the processor time of the process that asks, which for SQLite
is all. Compare ratios, and those within one run: times tell how busy the machine is. A question is asked once
before it is timed; "not in memory" is asked of an SQLite file that the system was told to forget.

    python benchmarks/bench_list.py [--rows 1000 100000 1000000] [--database sqlite postgresql] [--keep DIR]

Each size has a database of its own, which begins as a copy of the smaller one. With ``--keep`` they stay in
a folder: what is filled there is measured at once the next time, and a filling that was broken off goes on.
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import runpy
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, insert, select

from clary.app import parts
from clary.app.settings import Settings
from clary.core.exchange import Caller, Context, Document
from clary.engine.service import ResourceService
from clary.services.sagemaker import KINDS
from clary.store import facts
from clary.store.database import Database
from clary.store.tables import Event, Resource, Tag
from clary.wire import model

ROOT = Path(__file__).parents[1]
BEGAN = 1_600_000_000.0
SPACING = 60.0
"""Seconds between two jobs."""
BATCH = 5_000
MAKERS = 2
"""Processes that make rows while others are written."""
OPTIONS = ("shared_buffers=512MB", "fsync=off", "full_page_writes=off", "max_wal_size=8GB")
"""Of PostgreSQL: filling waits for no disk, and finding never does so for what is written."""
SILENCE = 10.0
"""Seconds between two lines on how far the filling is."""
ASKED = 60
"""Times that each question is asked."""
ALGORITHMS = ("xgboost", "linear-learner", "kmeans", "pytorch-training", "sklearn-processing")
TEAMS = ("fraud", "churn", "pricing", "search", "ads", "vision")
PHASES = ("Completed",) * 90 + ("Failed",) * 7 + ("Stopped",) * 3


def document(name: str, algorithm: str) -> Document:
    """Return a training job's document of the usual size, about two kilobytes."""
    uri = f"s3://sagemaker-us-east-1-123456789012/{name}"
    hyperparameters = {f"hyperparameter_{number}": str(number * 0.37) for number in range(20)}
    channels = [
        {
            "ChannelName": channel,
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{uri}/{channel}/"}},
        }
        for channel in ("train", "validation", "test")
    ]
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": f"{algorithm}:1", "TrainingInputMode": "File"},
        "HyperParameters": hyperparameters,
        "InputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": f"{uri}/output/"},
        "ModelArtifacts": {"S3ModelArtifacts": f"{uri}/output/model.tar.gz"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "RoleArn": "arn:aws:iam::123456789012:role/ClaryExecutionRole",
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
    }


def jobs(start: int, stop: int, settings: Settings) -> Iterator[Document]:
    """Yield the columns of jobs number ``start`` to ``stop``, the same ones whatever was made before."""
    for number in range(start, stop):
        chance = random.Random(number)
        algorithm, team = chance.choice(ALGORITHMS), chance.choice(TEAMS)
        name = f"{team}-{algorithm}-{number:07d}-{chance.getrandbits(32):08x}"
        at = BEGAN + number * SPACING
        yield {
            "id": f"{int(at * 1000):012x}{number:012x}",
            "account": settings.account,
            "region": settings.region,
            "kind": "TrainingJob",
            "scope": "",
            "name": name,
            "arn": f"arn:aws:sagemaker:{settings.region}:{settings.account}:training-job/{name}",
            "phase": chance.choice(PHASES),
            "intent": None,
            "due_at": None,
            "version": 5,
            "created_at": at,
            "modified_at": at + chance.uniform(60, 7200),
            "doc": document(name, algorithm),
            "private": {"started": at},
        }


@dataclass(frozen=True)
class Batch:
    """Rows that are written together: all of them or none."""

    rows: list[Document]
    stated: list[Collection[str]]


def batch(start: int, stop: int, settings: Settings) -> Batch:
    """Return jobs ``start`` to ``stop`` and what their documents state."""
    rows = list(jobs(start, stop, settings))
    return Batch(rows, [facts.of(row["kind"], row["doc"]) for row in rows])


def batches(start: int, stop: int, settings: Settings) -> Iterator[Batch]:
    """Yield the batches from ``start`` to ``stop`` in order, some of them made ahead in other processes."""
    ahead: deque[Future[Batch]] = deque()
    with ProcessPoolExecutor(MAKERS, multiprocessing.get_context("fork")) as makers:
        for first in range(start, stop, BATCH):
            ahead.append(makers.submit(batch, first, min(first + BATCH, stop), settings))
            if len(ahead) > MAKERS:
                yield ahead.popleft().result()
        for made in ahead:
            yield made.result()


def fill(database: Database, size: int, settings: Settings) -> None:
    """Let the database have ``size`` jobs with all that belongs to them, as the store writes it.

    It goes on where it was broken off: a batch is written as a whole.
    """
    adding = insert(Resource).returning(Resource.seq, sort_by_parameter_order=True)
    start: int = database.rows(select(func.count()).select_from(Resource))[0][0]
    done, begun, told = start, time.perf_counter(), 0.0
    for made in batches(start, size, settings):
        rows = made.rows
        with database.write() as connection:
            seqs = connection.execute(adding, rows).scalars().all()
            facts.add(connection, list(zip(seqs, made.stated, strict=True)))
            connection.execute(insert(Tag), [tag for row in rows for tag in tags(row)])
            connection.execute(insert(Event), [event for row in rows for event in events(row)])
        done += len(rows)
        passed = time.perf_counter() - begun
        if passed - told > SILENCE or done == size:
            told, rate = passed, (done - start) / passed
            left = (size - done) / rate
            print(f"  {done:,} of {size:,} jobs, {rate:,.0f} a second, {left:,.0f} s to go", flush=True)


def tags(row: Document) -> Iterator[Document]:
    """Yield the tags of a job: its team, and a sweep that few others belong to."""
    yield {"arn": row["arn"], "key": "team", "value": row["name"].partition("-")[0]}
    yield {"arn": row["arn"], "key": "sweep", "value": f"sweep-{int(row['created_at'] / SPACING) // 8}"}


def events(row: Document) -> Iterator[Document]:
    """Yield when a job began and how it ended."""
    yield {"resource": row["id"], "at": row["created_at"], "phase": "Starting", "message": "Starting"}
    yield {"resource": row["id"], "at": row["modified_at"], "phase": row["phase"], "message": "Ended"}


class Desk:
    """Asks the service as a client does, without the wire."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.platform = parts.platform(settings, database)
        self._service = ResourceService(self.platform, model.load("sagemaker"), KINDS)
        self._caller = Caller(settings.account, "AKIA", "arn:aws:iam::123456789012:root", settings.account)

    def __call__(self, operation: str, **params: Any) -> Document:
        """Carry an operation out."""
        context = Context("request", "sagemaker", operation, "us-east-1", self._caller)
        return self._service(context, params).output


def questions(desk: Desk, count: int, settings: Settings) -> dict[str, Callable[[], object]]:
    """Return what is asked of ``count`` jobs, by name."""
    chance = random.Random(7)
    known = [next(jobs(chance.randrange(count), count, settings)) for _ in range(200)]
    some = [row["name"] for row in known]
    middle = datetime.fromtimestamp(BEGAN + count * SPACING / 2, UTC)
    deep: Document = {}
    for _ in range(5):
        deep = {
            "NextToken": desk("ListTrainingJobs", CreationTimeBefore=middle, MaxResults=50, **deep)[
                "NextToken"
            ]
        }

    def listed(**params: Any) -> Callable[[], object]:
        return lambda: desk("ListTrainingJobs", **params)

    return {
        "Describe": lambda: desk("DescribeTrainingJob", TrainingJobName=chance.choice(some)),
        "newest": listed(),
        "oldest": listed(SortOrder="Ascending"),
        "a page from the middle": listed(CreationTimeBefore=middle, **deep),
        "failed": listed(StatusEquals="Failed"),
        "in progress, of which there are none": listed(StatusEquals="InProgress"),
        "created before the middle": listed(CreationTimeBefore=middle),
        "modified before the middle, by creation": listed(LastModifiedTimeBefore=middle),
        "by last change": listed(SortBy="LastModifiedTime"),
        "by name": listed(SortBy="Name"),
        "by status": listed(SortBy="Status"),
        "name of many": listed(NameContains="xgboost"),
        "name of one": lambda: desk("ListTrainingJobs", NameContains=chance.choice(some)[-8:]),
        "name of none": listed(NameContains="zzz"),
        "name of many, failed": listed(NameContains="fraud", StatusEquals="Failed"),
        "name of one, by name": lambda: desk(
            "ListTrainingJobs", NameContains=chance.choice(some)[-8:], SortBy="Name"
        ),
        "what is due": lambda: desk.platform.resources.due(time.time(), 64),
        "a restart": lambda: desk.platform.resources.unclaim(time.time()),
        **searches(desk, lambda: chance.choice(known), middle),
    }


def searches(desk: Desk, one: Callable[[], Document], middle: datetime) -> dict[str, Callable[[], object]]:
    """Return what is searched for, by name; ``one`` is some job."""

    def searched(*filters: tuple[str, str, str], **params: Any) -> object:
        named = [dict(zip(("Name", "Operator", "Value"), each, strict=True)) for each in filters]
        return desk("Search", Resource="TrainingJob", SearchExpression={"Filters": named}, **params)

    def sweep() -> tuple[str, str, str]:
        return ("Tags.sweep", "Equals", f"sweep-{int(one()['created_at'] / SPACING) // 8}")

    def uri() -> str:
        return str(one()["doc"]["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"])

    level = "HyperParameters.hyperparameter_1"
    common, early = ("Tags.team", "Equals", "fraud"), ("CreationTime", "LessThan", middle.isoformat())
    return {
        "search: failed": lambda: searched(("TrainingJobStatus", "Equals", "Failed")),
        "search: name": lambda: searched(("TrainingJobName", "Equals", one()["name"])),
        "search: part of a name": lambda: searched(("TrainingJobName", "Contains", one()["name"][-8:])),
        "search: created before the middle": lambda: searched(early, SortBy="CreationTime"),
        "search: tag of many": lambda: searched(common),
        "search: tag of few": lambda: searched(sweep()),
        "search: hyperparameter of all": lambda: searched((level, "Equals", "0.37")),
        "search: hyperparameter of none": lambda: searched((level, "Equals", "0.38")),
        "search: data of one": lambda: searched(
            ("InputDataConfig.DataSource.S3DataSource.S3Uri", "Equals", uri())
        ),
        "search: tag of few, sorted by metric": lambda: searched(sweep(), SortBy="Metrics.loss"),
        "search: three of many": lambda: searched(
            common, (level, "Equals", "0.37"), ("TrainingJobStatus", "Equals", "Completed")
        ),
    }


def forgotten(url: str, ask: Callable[[], object]) -> Callable[[], object]:
    """Return ``ask`` with the file of an SQLite database forgotten by the system before it."""
    path = url.partition("sqlite:///")[2]

    def cold() -> object:
        with open(path, "rb") as file:  # noqa: PTH123
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return ask()

    return cold


def timed(ask: Callable[[], object]) -> tuple[list[float], float]:
    """Return the milliseconds that each of a number of calls took, in order, and their mean cost."""
    ask()
    taken = []
    worked = time.process_time()
    for _ in range(ASKED):
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken), (time.process_time() - worked) * 1000 / ASKED


Place = Callable[[int, int], str]
"""Returns the URL of the database of a size, which is begun as a copy of that of another, 0 for none."""


def files(keep: Path) -> Place:
    """Return where databases of SQLite are: a folder each."""

    def place(size: int, before: int) -> str:
        own, copied = (keep / f"sqlite-{each}" / "clary.db" for each in (size, before))
        if not own.exists() and copied.exists():
            draft = own.parent.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(copied.parent, draft)
            draft.rename(own.parent)
        own.parent.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{own}"

    return place


def servers(keep: Path, stack: contextlib.ExitStack) -> Place:
    """Return where databases of a PostgreSQL server are that runs as long as ``stack``."""
    postgres = runpy.run_path(str(ROOT / "tests" / "postgres.py"))["Postgres"]
    (keep / "pg").mkdir(exist_ok=True)
    keep.chmod(0o711)
    server = postgres(keep / "pg", options=OPTIONS)
    stack.callback(server.stop)
    return lambda size, before: str(server.named(f"jobs{size}", f"jobs{before}"))


def measure(name: str, place: Place, sizes: list[int]) -> None:
    """Have a database of each size and print what it measures."""
    first: dict[str, tuple[float, float]] = {}
    for size, before in zip(sizes, [0, *sizes], strict=False):
        print(f"\n{name}, {size:,} jobs", flush=True)
        url = place(size, before)
        database = Database(url)
        database.migrate()
        with tempfile.TemporaryDirectory(prefix="clary-bench-") as folder:
            settings = Settings(Path(folder))
            fill(database, size, settings)
            report(url, questions(Desk(settings, database), size, settings), first)
        database.close()


def report(url: str, asked: dict[str, Callable[[], object]], first: dict[str, tuple[float, float]]) -> None:
    """Ask each question and print what that took, beside what it took ``first``."""
    if url.startswith("sqlite"):
        asked["Describe, not in memory"] = forgotten(url, asked["Describe"])
    for question, ask in asked.items():
        taken, worked = timed(ask)
        p50, p99 = median(taken), taken[int(len(taken) * 0.99)]
        base, cpu = first.setdefault(question, (p50, worked))
        ratios = f"{p50 / base:6.2f}{p99 / base:8.2f}{worked / cpu:8.2f}"
        print(f"  {question:42}{p50:9.2f} ms   x{ratios}", flush=True)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--keep", type=Path, help="a folder for the databases, which stay there")
    options = parser.parse_args()
    print("median, and as ratios to the median at the fewest jobs: median, 99th percentile, processor time")
    with contextlib.ExitStack() as stack:
        keep = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clary-bench-")))
        keep.mkdir(parents=True, exist_ok=True)
        for name in options.database:
            with contextlib.ExitStack() as running:
                place = files(keep) if name == "sqlite" else servers(keep, running)
                measure({"sqlite": "SQLite"}.get(name, "PostgreSQL"), place, sorted(options.rows))


if __name__ == "__main__":
    main()
