"""What an algorithm is: its card, and how it trains, saves, loads and predicts."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from clary.toolkit.answer import Answer
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import Hyperparameters
from clary.toolkit.report import Report
from clary.toolkit.request import Request

GROUP = "clary.algorithms"
"""The entry point group in which a package names its algorithms."""

P = TypeVar("P", bound=Hyperparameters)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric whose value ``regex`` captures in the log; ``minimize`` is None if no tuner may aim at it."""

    name: str
    regex: str
    minimize: bool | None = None


RUNNING = (
    Metric("train:progress", r"#progress_metric: host=\S+, completed (\S+) %"),
    Metric("train:throughput", r"#throughput_metric: host=\S+, train throughput=(\S+) records/second"),
)
"""The metrics of every algorithm that learns from rows, which tell of how it runs."""


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """A channel that an algorithm reads; its content types are the algorithm's unless it has its own."""

    name: str
    about: str
    required: bool = False
    accepts: tuple[str, ...] = ()


class Algorithm(ABC, Generic[P]):
    """A built-in algorithm.

    ``accepts`` lists the content types of training data, ``requests`` and ``responses`` those of the hosted
    model, the preferred one first. An instance is a trained model once ``train`` or ``load`` has run.
    """

    name: ClassVar[str]
    Params: ClassVar[type[Hyperparameters]]
    channels: ClassVar[tuple[ChannelRule, ...]]
    metrics: ClassVar[tuple[Metric, ...]]
    accepts: ClassVar[tuple[str, ...]]
    requests: ClassVar[tuple[str, ...]]
    responses: ClassVar[tuple[str, ...]]
    modes: ClassVar[tuple[str, ...]] = ("File", "FastFile", "Pipe")
    """The input modes that channels may have."""
    needs: ClassVar[tuple[str, ...]] = ()
    """The extras of the installation that it cannot do without."""
    distributed: ClassVar[bool] = False
    """Whether several hosts train one model together; else the first trains alone."""

    @abstractmethod
    def train(self, params: P, channels: Mapping[str, Channel], report: Report, host: Host) -> None:
        """Learn from ``channels``, together with the other hosts of ``host.cluster`` if there are any.

        When ``report.stopping`` turns true, return soon with the best model so far. Raises ClientError for
        data that cannot be learnt from.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the model's files into ``folder``, which exists."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote; raises ClientError when there is none in ``folder``."""

    @classmethod
    def script_functions(cls) -> Mapping[str, Callable[..., Any]]:
        """Return what stands in for the functions that an inference script on such an image leaves out."""
        return {}

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Answer a POST to /invocations of the hosted model; raises ClientError for what it cannot read."""


AlgorithmType = type[Algorithm[Any]]
C = TypeVar("C", bound=AlgorithmType)

_REGISTERED: dict[str, AlgorithmType] = {}


def algorithm(name: str) -> Callable[[C], C]:
    """Give a class its name in image URIs and on the command line."""

    def register(cls: C) -> C:
        cls.name = name
        _REGISTERED[name] = cls
        return cls

    return register


def find(name: str) -> AlgorithmType:
    """Return the algorithm called ``name``; raises ClientError with the names there are when there is none.

    An algorithm whose module is already imported is found without looking through the installed packages.
    """
    if name not in _REGISTERED:
        for entry in entry_points(group=GROUP, name=name):
            entry.load()
    if name not in _REGISTERED:
        raise ClientError(f"No algorithm is called {name!r}; there are {', '.join(names())}.")
    return _REGISTERED[name]


def names() -> list[str]:
    """Return the names of all installed algorithms, sorted."""
    return sorted({entry.name for entry in entry_points(group=GROUP)} | set(_REGISTERED))
