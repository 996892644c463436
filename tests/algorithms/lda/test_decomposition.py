"""A tensor made of orthonormal vectors is taken apart into them."""

import numpy as np
import pytest

from clary.algorithms.lda.decomposition import Limits, decompose

LIMITS = Limits(restarts=5, iterations=500, tolerance=1e-12)


@pytest.mark.parametrize("size", [1, 4, 9])
def test_vectors_and_weights_are_found_whatever_their_order(size: int) -> None:
    random = np.random.default_rng(size)
    vectors, _ = np.linalg.qr(random.normal(size=(size, size)))
    weights = random.uniform(1, 5, size)
    tensor = np.einsum("ar,br,cr,r->abc", vectors, vectors, vectors, weights)
    noise = random.normal(0, 1e-3, tensor.shape)
    found, directions = decompose(tensor + noise, LIMITS, np.random.default_rng(0))
    overlap = vectors.T @ directions
    order = np.abs(overlap).argmax(axis=0)
    assert sorted(order) == list(range(size))
    np.testing.assert_allclose(overlap[order, range(size)], 1, atol=1e-4)
    np.testing.assert_allclose(found, weights[order], rtol=1e-2)


def test_no_tensor_has_no_vectors() -> None:
    weights, vectors = decompose(np.zeros((0, 0, 0)), LIMITS, np.random.default_rng(0))
    assert weights.shape == (0,)
    assert vectors.shape == (0, 0)


def test_more_restarts_are_never_worse() -> None:
    tensor = np.random.default_rng(0).normal(size=(6, 6, 6))
    tensor = sum(
        (tensor.transpose(order) for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2))), np.zeros((6, 6, 6))
    )
    held = [
        np.square(decompose(tensor, Limits(count, 200, 1e-9), np.random.default_rng(3))[0]).sum()
        for count in (1, 5, 20)
    ]
    assert held == sorted(held)
