"""Samples: made-up tables to try the tabular algorithms on, under the names of JumpStart's own data.

JumpStart has handwritten digits, census data and shellfish there; these are of the same form and stand for
them: target first, in the folders train, validation and test.
"""

import json
import math
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType

_COUNTS = {"train": 800, "validation": 200, "test": 200}
_CLASSES, _FEATURES = 10, 16

Row = list[float]


def _digits(chance: random.Random) -> Row:
    """Return a row of one of ten classes, each with a middle of its own."""
    label = chance.randrange(_CLASSES)
    middle = random.Random(label)  # noqa: S311 - data, not secrets
    return [label, *(round(chance.gauss(middle.uniform(-2, 2), 1), 3) for _ in range(_FEATURES))]


def _incomes(chance: random.Random) -> Row:
    """Return a row of two classes: work, schooling and marriage as categories, then age and hours."""
    work, schooling, marriage = chance.randrange(8), chance.randrange(16), chance.randrange(5)
    age, hours = chance.randint(18, 80), chance.randint(10, 70)
    urge = 0.3 * (schooling - 9) + 0.05 * (hours - 40) + 1.2 * (marriage == 2) - 0.002 * (age - 48) ** 2
    label = chance.random() < 1 / (1 + math.exp(-urge - 0.5 * (work in (1, 5))))
    return [int(label), work, schooling, marriage, age, hours]


def _shells(chance: random.Random) -> Row:
    """Return a row with an amount: rings, by sex as a category, length, width and weight."""
    sex, length = chance.randrange(3), chance.uniform(0.1, 0.8)
    width, weight = length * chance.gauss(0.8, 0.03), 4 * length**3 * chance.gauss(1, 0.1)
    rings = 3 + 6 * math.sqrt(length) + 2 * weight - 1.5 * (sex == 0) + chance.gauss(0, 0.5)
    return [round(rings, 2), sex, round(length, 3), round(width, 3), round(weight, 3)]


_TABLES: Mapping[str, tuple[Callable[[random.Random], Row], tuple[int, ...]]] = MappingProxyType(
    {
        "tabular_multiclass": (_digits, ()),
        "tabular_binary": (_incomes, (1, 2, 3)),
        "tabular_regress": (_shells, (1,)),
    }
)
"""How a row of each table is made, and which of its columns hold categories."""


def tables() -> Mapping[str, bytes]:
    """Return the files of all tables by their keys, the same whenever they are asked for."""
    files: dict[str, bytes] = {}
    for name, (make, categorical) in _TABLES.items():
        chance = random.Random(name)  # noqa: S311 - data, not secrets
        for part, count in _COUNTS.items():
            rows = (",".join(f"{cell:g}" for cell in make(chance)) for _ in range(count))
            files[f"training-datasets/{name}/{part}/data.csv"] = ("\n".join(rows) + "\n").encode()
        if categorical:
            index = json.dumps({"cat_index_list": categorical})
            files[f"training-datasets/{name}/categorical_index.json"] = index.encode()
    return files
