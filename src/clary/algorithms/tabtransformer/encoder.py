"""Rows as the network takes them: numbers for categories, and amounts of mean 0 and variance 1."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats
from clary.toolkit.table_schema import TableSchema

Codes = npt.NDArray[np.int64]
Arrays = Mapping[str, npt.NDArray[Any]]

_BLOCK = 65_536  # rows whose moments are taken at once


@dataclass(frozen=True, slots=True)
class Encoder:
    """What is known of the columns: of each categorical one its categories, sorted; of the others moments."""

    schema: TableSchema
    categories: tuple[Floats, ...]
    means: Floats
    deviations: Floats

    @classmethod
    def of(cls, rows: Floats, schema: TableSchema) -> Self:
        """Look at all rows to train on, (rows, features)."""
        columns = [rows[:, number] for number in schema.categorical]
        categories = tuple(np.unique(column[~np.isnan(column)]) for column in columns)
        return cls(schema, categories, *_moments(rows, _numeric(schema)))

    @property
    def sizes(self) -> list[int]:
        """How many codes each categorical column has."""
        return [len(known) + 1 for known in self.categories]

    def encode(self, rows: Floats) -> tuple[Codes, Floats]:
        """Return codes, (rows, categorical columns), and amounts, (rows, the other columns).

        The code 0 is a category that is missing or was not there in training; a missing amount is the mean.
        """
        codes = np.zeros((len(rows), len(self.categories)), np.int64)
        for at, (number, known) in enumerate(zip(self.schema.categorical, self.categories, strict=True)):
            if len(known):
                places = np.searchsorted(known, rows[:, number]).clip(max=len(known) - 1)
                codes[:, at] = np.where(known[places] == rows[:, number], places + 1, 0)
        amounts = (rows[:, _numeric(self.schema)] - self.means) / self.deviations
        return codes, np.nan_to_num(amounts, nan=0.0).astype(np.float32)

    def arrays(self) -> Arrays:
        """Return all but the schema by name."""
        named = {f"categories/{number}": known for number, known in enumerate(self.categories)}
        return {"means": self.means, "deviations": self.deviations, **named}

    @classmethod
    def from_arrays(cls, schema: TableSchema, found: Arrays) -> Self:
        """Return what ``arrays`` took apart; raises KeyError where something is missing."""
        categories = tuple(found[f"categories/{number}"] for number in range(len(schema.categorical)))
        return cls(schema, categories, found["means"], found["deviations"])


def _numeric(schema: TableSchema) -> list[int]:
    return [number for number in range(schema.width) if number not in schema.categorical]


def _moments(rows: Floats, columns: list[int]) -> tuple[Floats, Floats]:
    """Return means and deviations of columns, of what is not missing; 0 and 1 where nothing varies."""
    sums = np.zeros((3, len(columns)))
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK, columns].astype(np.float64)
        there = ~np.isnan(part)
        part = np.where(there, part, 0)
        sums += [there.sum(axis=0), part.sum(axis=0), np.square(part).sum(axis=0)]
    counts = np.maximum(sums[0], 1)
    means = sums[1] / counts
    deviations = np.sqrt(np.maximum(sums[2] / counts - means**2, 0))
    deviations[deviations <= 1e-6 * np.abs(means)] = 1
    return means.astype(np.float32), deviations.astype(np.float32)
