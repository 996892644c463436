"""The network goes on from a state as if it had seen all at once, and zoneout keeps what was."""

import pytest
import torch

from clary.algorithms.deepar.network import Network, _zoned_out
from clary.algorithms.deepar.params import DeepARParams
from clary.algorithms.deepar.windows import Shape
from tests.algorithms.deepar.conftest import GIVEN
from tests.algorithms.deepar.test_windows import NONE


def network(cardinality: tuple[int, ...] = (), **given: object) -> tuple[Network, Shape]:
    from clary.algorithms.deepar.frequency import Frequency

    shape = Shape(Frequency.parse("D"), 3, 2, (1, 4), cardinality, NONE, NONE)
    params = DeepARParams.parse({name: str(value) for name, value in {**GIVEN, **given}.items()})
    torch.manual_seed(0)
    return Network(params, shape), shape


@pytest.mark.parametrize("layers", [1, 3])
def test_point_by_point_is_the_same_as_all_at_once(layers: int) -> None:
    net, shape = network(num_layers=layers)
    inputs, none = torch.randn(4, 5, shape.width), torch.zeros(4, 0, dtype=torch.long)
    said, _ = net(inputs, none)
    state, parts = None, []
    for point in range(5):
        part, state = net(inputs[:, point : point + 1], none, state)
        parts.append(part)
    torch.testing.assert_close(torch.cat(parts, 1), said)


def test_a_category_not_seen_is_like_the_mean_of_those_seen() -> None:
    net, shape = network((3,))
    net.eval()
    inputs = torch.randn(1, 2, shape.width)
    strange, _ = net(inputs, torch.tensor([[99]]))
    with torch.no_grad():
        net.embeddings[0].weight.copy_(net.embeddings[0].weight.mean(0).expand(3, -1))
    torch.testing.assert_close(strange, net(inputs, torch.tensor([[1]]))[0])


def test_zoneout_keeps_some_outputs_of_the_point_before() -> None:
    torch.manual_seed(0)
    outputs = torch.arange(200.0).reshape(200, 1, 1).expand(200, 1, 51).clone().requires_grad_()
    zoned = _zoned_out(outputs, 0.3)
    late = (outputs - zoned)[1:].detach()
    assert set(late.unique().tolist()) == {0, 1}
    assert late.mean().item() == pytest.approx(0.3, abs=0.02)
    assert late.mean((0, 1)).min() > 0.1
    assert late.mean((1, 2)).min() > 0.05
    weights = torch.randn_like(zoned)
    (zoned * weights).sum().backward()
    kept = torch.cat([torch.ones(1, 1, 51), 1 - late])
    expected = weights * kept + torch.cat([weights[1:] * late, torch.zeros(1, 1, 51)])
    torch.testing.assert_close(outputs.grad, expected)


def test_zoneout_is_for_training_only() -> None:
    net, shape = network(dropout_rate=0.9)
    inputs, none = torch.randn(2, 5, shape.width), torch.zeros(2, 0, dtype=torch.long)
    assert not torch.equal(net(inputs, none)[0], net(inputs, none)[0])
    net.eval()
    assert torch.equal(net(inputs, none)[0], net(inputs, none)[0])
