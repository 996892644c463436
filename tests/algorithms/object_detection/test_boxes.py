"""Boxes overlap as they should, come back from differences, and only the likeliest of many is kept."""

import numpy as np
import pytest

from clary.algorithms.object_detection import boxes

BOXES = np.array([[0, 0, 0.5, 0.5], [0.25, 0, 0.75, 0.5], [0.6, 0.6, 1, 1]], np.float32)


def test_overlap_is_intersection_by_union() -> None:
    found = boxes.overlaps(BOXES, BOXES)
    np.testing.assert_allclose(np.diag(found), 1)
    assert found[0, 1] == pytest.approx(1 / 3)
    assert found[0, 2] == 0


def test_anchors_lie_in_the_middle_of_their_places() -> None:
    found = boxes.anchors([(4, 4), (1, 2)])
    assert found.shape == ((16 + 2) * boxes.PER_PLACE, 4)
    centres = (found[:, :2] + found[:, 2:]) / 2
    np.testing.assert_allclose(centres[: boxes.PER_PLACE], 0.125, atol=1e-6)
    np.testing.assert_allclose(centres[-1], [0.75, 0.5], atol=1e-6)
    assert (found[:, 2:] > found[:, :2]).all()


def test_differences_tell_the_box() -> None:
    given = boxes.anchors([(2, 2)])[[0, 5, 10]]
    np.testing.assert_allclose(boxes.decoded(boxes.encoded(BOXES, given), given), BOXES, atol=1e-5)


def test_every_box_has_an_anchor_and_anchors_have_the_box_they_overlap_most() -> None:
    given = np.concatenate([BOXES + 0.01, [[0.9, 0, 1, 0.1]]]).astype(np.float32)
    assert boxes.matched(BOXES, given, 0.5).tolist() == [0, 1, 2, -1]
    assert boxes.matched(BOXES, given[3:], 0.5).tolist() != [-1]
    assert boxes.matched(BOXES[:0], given, 0.5).tolist() == [-1] * 4


def test_of_boxes_that_overlap_the_likeliest_is_kept() -> None:
    assert boxes.kept(BOXES, np.array([0.5, 0.9, 0.1], np.float32), 0.3).tolist() == [1, 2]
    assert boxes.kept(BOXES, np.array([0.5, 0.9, 0.1], np.float32), 0.5).tolist() == [1, 0, 2]
    assert boxes.kept(BOXES[:0], np.empty(0, np.float32), 0.5).tolist() == []
