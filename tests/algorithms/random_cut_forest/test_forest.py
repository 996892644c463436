"""Scores are the expected displacement of a row that is put into the trees, with and without the kernel."""

import numpy as np
import pytest

from clary.algorithms.random_cut_forest import forest
from clary.algorithms.random_cut_forest.forest import Forest, Structure
from clary.algorithms.random_cut_forest.growth import grow
from clary.toolkit.batch import Floats


@pytest.fixture(params=["kernel", "numpy"], autouse=True)
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "numpy":
        monkeypatch.setattr(forest, "kernels", None)


def below(structure: Structure, child: int) -> Floats:
    if child < 0:
        return structure.points[[~child]]
    return np.concatenate([below(structure, int(each)) for each in structure.children[child]])


def displacement(structure: Structure, child: int, row: Floats, depth: int = 0) -> float:
    """Return the expected score by the definition: the next cut of the box that the row makes larger."""
    if child < 0 and (structure.points[~child] == row).all():
        mass = structure.masses[~child]
        return float((1 - mass / (2 * structure.mass)) / (depth + np.log2(mass + 1)))
    points = below(structure, child).astype(float)
    lows, highs = points.min(axis=0), points.max(axis=0)
    larger = (np.maximum(highs, row) - np.minimum(lows, row)).sum()
    parted = float(1 - (highs - lows).sum() / larger)
    if child < 0:
        return 1 / (depth + 1)
    side = int(row[structure.columns[child]] > structure.cuts[child])
    rest = displacement(structure, int(structure.children[child, side]), row, depth + 1)
    return parted / (depth + 1) + (1 - parted) * rest


@pytest.mark.parametrize(("trees", "size", "width"), [(5, 20, 3), (2, 40, 9), (3, 15, 1), (1, 1, 2)])
def test_scores_are_those_of_the_definition(trees: int, size: int, width: int) -> None:
    random = np.random.default_rng(width)
    samples = random.normal(size=(trees, size, width)).round(1).astype(np.float32)
    structure = grow(samples, random)
    rows = np.concatenate([samples[0], random.normal(0, 3, (30, width)).astype(np.float32)])
    expected = [
        sum(displacement(structure, int(root), row) for root in structure.roots) / trees * np.log2(size + 1)
        for row in rows
    ]
    np.testing.assert_allclose(Forest(structure).scores(rows), expected, rtol=1e-5)


def test_the_definition_is_what_random_cuts_do() -> None:
    samples = np.array([[[0, 0], [1, 0], [0, 4], [1, 4]]], np.float32)
    structure = grow(samples, np.random.default_rng(3))
    row, random, scores = np.array([5, 2], np.float32), np.random.default_rng(0), []
    for _ in range(4000):
        child, depth = int(structure.roots[0]), 0
        while True:
            points = below(structure, child)
            box, grown = points, np.concatenate([points, row[None]])
            ends = np.cumsum(np.ptp(grown, axis=0))
            drawn = random.random() * ends[-1]
            column = int((ends <= drawn).sum())
            cut = grown[:, column].min() + drawn - (ends[column] - np.ptp(grown[:, column]))
            apart = cut < box[:, column].min() or cut >= box[:, column].max()
            if apart or child < 0:
                break
            side = int(row[structure.columns[child]] > structure.cuts[child])
            child, depth = int(structure.children[child, side]), depth + 1
        scores.append(1 / (depth + 1))
    expected = float(np.mean(scores) * np.log2(5))
    assert Forest(structure).scores(row[None])[0] == pytest.approx(expected, rel=0.02)


def test_odd_rows_score_higher_and_many_equal_ones_lower() -> None:
    samples = np.random.default_rng(0).normal(size=(50, 100, 2)).astype(np.float32)
    samples[:, :40] = 0.5
    made = Forest(grow(samples, np.random.default_rng(1)))
    usual, odd, frequent = made.scores(np.array([[0, 0], [9, -9], [0.5, 0.5]], np.float32))
    assert odd > 2 * usual > 2 * frequent > 0


def test_no_rows_have_no_scores_and_a_row_scores_alone_as_among_many() -> None:
    made = Forest(
        grow(np.random.default_rng(0).normal(size=(9, 30, 3)).astype(np.float32), np.random.default_rng(1))
    )
    rows = np.random.default_rng(2).normal(size=(3000, 3)).astype(np.float32)
    together = made.scores(rows)
    np.testing.assert_allclose(
        [made.scores(row[None])[0] for row in rows[::500]], together[::500], rtol=1e-12
    )
    assert len(made.scores(rows[:0])) == 0
