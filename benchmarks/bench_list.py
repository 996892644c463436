"""A million training jobs: finding some among them takes no longer than among a thousand.

Fills a database with jobs as they stand after years of use and asks for them as clients do, through the
service without the wire. For each question it prints the median, and as ratios to the median at the fewest
jobs median and 99th percentile, and as a ratio the processor time of the process that asks, which for SQLite
is all. Compare ratios, and those within one run: times tell how busy the machine is. A question is asked once
before it is timed; "not in memory" is asked of an SQLite file that the system was told to forget.

    python benchmarks/bench_list.py [--rows 1000 100000 1000000] [--database sqlite postgresql]
"""

import argparse
import os
import random
import runpy
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert

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


def fill(database: Database, start: int, stop: int, settings: Settings) -> None:
    """Add jobs ``start`` to ``stop`` with all that belongs to them, as the store writes it."""
    adding = insert(Resource).returning(Resource.seq, sort_by_parameter_order=True)
    for first in range(start, stop, BATCH):
        rows = list(jobs(first, min(first + BATCH, stop), settings))
        stated = [facts.of(row["kind"], row["doc"]) for row in rows]
        with database.write() as connection:
            seqs = connection.execute(adding, rows).scalars().all()
            facts.add(connection, list(zip(seqs, stated, strict=True)))
            connection.execute(insert(Tag), [tag for row in rows for tag in tags(row)])
            connection.execute(insert(Event), [event for row in rows for event in events(row)])


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


def measure(name: str, url: str, folder: Path, sizes: list[int]) -> None:
    """Fill the database at ``url`` step by step and print what each step measures."""
    settings = Settings(folder)
    database = Database(url)
    database.migrate()
    desk = Desk(settings, database)
    first: dict[str, tuple[float, float]] = {}
    have = 0
    for size in sizes:
        begun = time.perf_counter()
        fill(database, have, size, settings)
        print(
            f"\n{name}, {size:,} jobs ({(size - have) / (time.perf_counter() - begun):,.0f} a second filled)"
        )
        have = size
        asked = questions(desk, size, settings)
        if url.startswith("sqlite"):
            asked["Describe, not in memory"] = forgotten(url, asked["Describe"])
        for question, ask in asked.items():
            taken, worked = timed(ask)
            p50, p99 = median(taken), taken[int(len(taken) * 0.99)]
            base, cpu = first.setdefault(question, (p50, worked))
            ratios = f"{p50 / base:6.2f}{p99 / base:8.2f}{worked / cpu:8.2f}"
            print(f"  {question:42}{p50:9.2f} ms   x{ratios}", flush=True)
    database.close()


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    options = parser.parse_args()
    print("median, and as ratios to the median at the fewest jobs: median, 99th percentile, processor time")
    for name in options.database:
        folder = Path(tempfile.mkdtemp(prefix="clary-bench-"))
        try:
            if name == "sqlite":
                measure("SQLite", f"sqlite:///{folder / 'clary.db'}", folder, options.rows)
            else:
                postgres = runpy.run_path(str(ROOT / "tests" / "postgres.py"))["Postgres"]
                (folder / "pg").mkdir()
                folder.chmod(0o711)
                server = postgres(folder / "pg", options=("shared_buffers=512MB",))
                measure("PostgreSQL", server.url(), folder, options.rows)
                server.stop()
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
