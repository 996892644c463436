"""Time series as channels and requests bring them: JSON objects, one a line, or rows of Parquet."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from clary.algorithms.deepar.frequency import Frequency
from clary.toolkit import extra, media_type
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import parquet
from clary.toolkit.source import Source

ACCEPTS = (media_type.JSON_LINES, media_type.JSON, media_type.PARQUET, "json")
_FORM = '{"start": "2024-01-01 00:00:00", "target": [4.3, "NaN", 5.1]}'
_FINISHED = "_SUCCESS"  # what Spark leaves beside its files


@dataclass(frozen=True, slots=True)
class Series:
    """One series: ``start`` in units of its frequency, ``target`` (points,) with NaN for what is missing.

    ``categories`` are numbers from 0; ``dynamic`` is (features, points), to the end of the forecast in a
    request.
    """

    start: int
    target: Floats
    categories: tuple[int, ...] = ()
    dynamic: Floats | None = None

    @property
    def features(self) -> int:
        """How many dynamic features there are."""
        return 0 if self.dynamic is None else len(self.dynamic)


def read(channel: Channel, frequency: Frequency) -> Iterator[Series]:
    """Yield the series of ``channel``; raises ClientError that tells where one is malformed."""
    kind = media_type.parse(channel.content_type or media_type.JSON_LINES).name
    if kind not in ACCEPTS:
        raise ClientError(
            f"Content type {channel.content_type!r} of channel '{channel.name}' is not supported; "
            f"this algorithm reads {', '.join(ACCEPTS[:-1])}."
        )
    for source in channel.sources():
        if source.name == _FINISHED:
            continue
        rows = _rows if source.magic() == parquet.MAGIC else _lines
        for place, document in rows(source):
            yield of(document, frequency, place)


def of(document: Any, frequency: Frequency, place: str) -> Series:
    """Return the series that a JSON object describes; raises ClientError that begins with ``place``."""
    if not isinstance(document, Mapping) or "start" not in document or "target" not in document:
        raise ClientError(f"{place} is no time series: give an object of the form {_FORM}.")
    try:
        start = frequency.number(str(document["start"]))
    except ValueError:
        raise ClientError(
            f"{place}: {document['start']!r} is no time: give 'start' as YYYY-MM-DD HH:MM:SS."
        ) from None
    target = _numbers(document["target"], 1, f"{place}: 'target' must be a list of numbers")
    categories = document.get("cat")
    dynamic = document.get("dynamic_feat")
    return Series(
        start,
        target,
        () if categories is None else _categories(categories, place),
        None if dynamic is None else _dynamic(dynamic, place),
    )


def _numbers(values: Any, dimensions: int, complaint: str) -> Floats:
    """Return numbers, NaN for ``null`` and ``"NaN"``."""
    try:
        numbers = np.array(values, np.float64)
    except (TypeError, ValueError):
        numbers = np.empty((0,) * (dimensions + 1))
    if numbers.size == 0 and numbers.ndim == 1:
        numbers = numbers.reshape((0,) * dimensions)
    if numbers.ndim != dimensions or np.isinf(numbers).any():
        raise ClientError(f'{complaint}, "NaN" or null where one is missing.')
    return numbers.astype(np.float32)


def _categories(values: Any, place: str) -> tuple[int, ...]:
    numbers = [values] if isinstance(values, int) else list(values)
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise ClientError(f"{place}: 'cat' must be a list of integers that count from 0.")
    return tuple(numbers)


def _dynamic(values: Any, place: str) -> Floats:
    complaint = f"{place}: 'dynamic_feat' must be a list of lists of numbers, all of one length"
    features = _numbers(values, 2, complaint)
    if np.isnan(features).any():
        raise ClientError(f"{place}: 'dynamic_feat' has missing values, which only 'target' may have.")
    return features


def _lines(source: Source) -> Iterator[tuple[str, Any]]:
    with source.open() as file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"{source.name}, line {number}", _parsed(line, source, number)
        except (OSError, EOFError, gzip.BadGzipFile) as error:
            raise ClientError(f"{source.name} cannot be unpacked: {error}.") from error


def _parsed(line: bytes, source: Source, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise ClientError(f"{source.name}, line {number} is not valid JSON: {error}.") from error


def _rows(source: Source) -> Iterator[tuple[str, Any]]:
    """Yield the rows of a Parquet file as JSON objects."""
    arrow, pyarrow = extra.load("pyarrow.parquet", "parquet"), extra.load("pyarrow", "parquet")
    with source.open() as file:
        try:
            for part in arrow.ParquetFile(file).iter_batches(use_threads=False):
                for number, row in enumerate(part.to_pylist()):
                    yield f"{source.name}, row {number}", row
        except pyarrow.ArrowException as error:
            raise ClientError(f"{source.name} cannot be read as Parquet: {error}.") from error
