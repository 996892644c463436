"""Embeddings share what a column has in common, and blocks let columns see each other."""

import torch

from clary.algorithms.tabtransformer.network import ColumnEmbedding, Network, Shape

SHAPE = Shape(sizes=[3, 4], amounts=2, outputs=5, input_dim=16, n_blocks=2, shared=0.25)


def test_categories_of_a_column_share_a_part_of_their_vectors() -> None:
    vectors = ColumnEmbedding(SHAPE)(torch.tensor([[0, 0], [2, 3]]))
    assert vectors.shape == (2, 2, 16)
    assert torch.equal(vectors[0, :, :4], vectors[1, :, :4])
    assert not torch.equal(vectors[0, 0, :4], vectors[0, 1, :4])
    assert not torch.isclose(vectors[0, :, 4:], vectors[1, :, 4:]).any()


def test_every_column_matters_to_every_output() -> None:
    torch.manual_seed(0)
    network = Network(SHAPE).eval()
    codes, amounts = torch.tensor([[1, 1], [2, 1], [1, 2], [1, 1]]), torch.zeros(4, 2)
    amounts[3, 1] = 1
    outputs = network(codes, amounts)
    assert outputs.shape == (4, 5)
    assert not torch.isclose(outputs[0], outputs[1:], atol=1e-7).any()


def test_amounts_alone_will_do() -> None:
    network = Network(Shape(sizes=[], amounts=2, outputs=1, input_dim=16, n_blocks=2))
    assert network(torch.zeros(3, 0, dtype=torch.long), torch.zeros(3, 2)).shape == (3, 1)
    assert not len(network.blocks)
