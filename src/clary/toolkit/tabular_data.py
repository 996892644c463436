"""The data of a job that learns one target from the columns of a table, as JumpStart's tabular algorithms do.

The first column is the target, the others are features, whose values may be missing. Rows to train on come
in the channel ``train`` or ``training``, rows to watch over it in ``validation``; or one channel has them in
the folders ``train`` and ``validation``. Where there are none to watch over it, a fifth of the rows to train
on does. The file ``categorical_index.json`` beside the data has the numbers of the columns that hold
categories. Source: the guide's page "Input and Output interface for the LightGBM algorithm", and CatBoost's.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import CATEGORICAL_INDEX, Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.row_store import Rows, RowStore
from clary.toolkit.stream import Stream
from clary.toolkit.table_schema import TableSchema, check_categories, classes_of

_EVERY = 5
"""Of so many neighbouring rows one is held out."""

_KEY = "cat_index_list"


@dataclass(frozen=True, slots=True)
class TabularData:
    """Rows to train on and rows to watch over it, labels encoded as ``schema`` says."""

    train: Rows
    validation: Rows
    schema: TableSchema


class TabularReader:
    """Reads the channels of a job once, this host's share of their rows."""

    def __init__(self, accepts: Sequence[str], report: Report, host: Host, seed: int) -> None:
        self._accepts, self._report, self._host = accepts, report, host
        self._random = np.random.default_rng((seed, host.cluster.rank))
        self._stream = Stream(accepts, None, host, missing=True)

    def read(self, channels: Mapping[str, Channel], problem_type: str | None) -> TabularData:
        """Return all data; raises ClientError for what cannot be learnt from, StoppedError when stopped."""
        train, validation = _laid_out(channels)
        named = np.array(_categorical(_folders(channels)), np.int64)
        categorical = tuple(np.unique(self._host.cluster.gather(named)).tolist())
        rows, watched = self._rows(train, validation)
        self._check_counts(rows, watched)
        schema = _schema(rows, categorical, classes_of(self._different(rows, watched), problem_type))
        return TabularData(
            _encoded(rows, schema, train.name), _encoded(watched, schema, (validation or train).name), schema
        )

    def _rows(self, train: Channel, validation: Channel | None) -> tuple[Rows, Rows]:
        """Return the rows to train on and those to watch over it, drawn where they have no channel."""
        sample = _Sample(self._random)
        with RowStore() as kept, RowStore() as held_out:
            for batch, labels in self._batches(train):
                features = batch.features
                mask = np.zeros(len(batch), bool) if validation else sample.mask(len(batch))
                kept.append(features[~mask], labels[~mask])
                held_out.append(features[mask], labels[mask])
            for batch, labels in self._batches(validation) if validation else ():
                held_out.append(batch.features, labels)
            return kept.rows(), held_out.rows()

    def _batches(self, channel: Channel) -> Iterator[tuple[Batch, Floats]]:
        for batch in self._stream.batches(channel):
            if self._report.stopping:
                raise StoppedError
            if batch.labels is None or batch.labels.shape[1] != 1:
                raise ClientError(
                    f"Channel '{channel.name}' must have one label for each row: the first column in CSV, "
                    "label['values'] in RecordIO-protobuf."
                )
            yield batch, batch.labels[:, 0]

    def _different(self, train: Rows, validation: Rows) -> Floats:
        """Return the different labels that all hosts have seen; a held-out row may have the last of one."""
        labels = np.unique(np.concatenate([train.labels, validation.labels]))
        return np.unique(self._host.cluster.gather(labels))

    def _check_counts(self, train: Rows, validation: Rows) -> None:
        if not len(train):
            raise ClientError("This host has no rows to train on: use fewer instances, or more objects.")
        counts = self._host.cluster.merge(np.array([len(train), len(validation)], np.int64))
        if not counts.all():
            raise ClientError(
                f"The training data have {counts.sum()} rows, too few to hold some out: give more, or a "
                "channel 'validation'."
            )


class _Sample:
    """Of every five rows in turn, one drawn by chance: a fifth of the data, however they are sorted."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._left = np.empty(0, bool)

    def mask(self, count: int) -> npt.NDArray[np.bool_]:
        """Tell of the next ``count`` rows which are drawn."""
        groups = max(0, -(-(count - len(self._left)) // _EVERY))
        drawn = np.zeros((groups, _EVERY), bool)
        drawn[np.arange(groups), self._random.integers(0, _EVERY, groups)] = True
        mask = np.concatenate([self._left, drawn.ravel()])
        self._left = mask[count:]
        return mask[:count]


def _laid_out(channels: Mapping[str, Channel]) -> tuple[Channel, Channel | None]:
    """Return the channels of rows to train on and to watch over it; one channel may have both in folders."""
    whole = channels.get("train") or channels.get("training")
    if whole is None:
        raise ClientError(
            "Channel 'train' is missing from InputDataConfig, and so is 'training', its other name; it holds "
            "the training data."
        )
    parts = {
        name: replace(whole, folder=whole.folder / name)
        for name in ("train", "validation")
        if (whole.folder / name).is_dir()
    }
    return parts.get("train", whole), channels.get("validation", parts.get("validation"))


def _folders(channels: Mapping[str, Channel]) -> list[Path]:
    roots = [channels[name].folder for name in ("train", "training", "validation") if name in channels]
    return [folder for root in roots for folder in (root, root / "train")]


def _categorical(folders: Sequence[Path]) -> list[int]:
    """Return the numbers of features that hold categories, from 0; raises ClientError for a bad file."""
    for path in (folder / CATEGORICAL_INDEX for folder in folders):
        if not path.is_file():
            continue
        try:
            columns = json.loads(path.read_bytes())[_KEY]
            if not all(type(column) is int and column > 0 for column in columns):
                raise ValueError(columns)
        except (ValueError, KeyError, TypeError) as error:
            raise ClientError(
                f'{CATEGORICAL_INDEX} must have the form {{"{_KEY}": [1, 4]}}, numbers of columns where the '
                f"target is column 0: {error!r}."
            ) from error
        return [column - 1 for column in columns]
    return []


def _schema(rows: Rows, categorical: tuple[int, ...], classes: tuple[int, ...] | None) -> TableSchema:
    width = rows.features.shape[1]
    if categorical and categorical[-1] >= width:
        raise ClientError(
            f"{CATEGORICAL_INDEX} names column {categorical[-1] + 1}, but the last column is {width}."
        )
    return TableSchema(width, categorical, classes)


def _encoded(rows: Rows, schema: TableSchema, channel: str) -> Rows:
    check_categories(rows.features, schema.categorical, channel)
    return Rows(rows.features, schema.encoded(rows.labels, channel))
