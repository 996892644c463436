"""DeepAR keeps the algorithm contract, with linear regression on lags and the day before as references."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from clary.algorithms.deepar import DeepAR
from clary.testing.algorithm_contract import AlgorithmContract
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.request import Request

pytestmark = pytest.mark.contract

AHEAD, DAYS, SERIES = 24, 11, 16
LAGS = (1, 2, 3, 23, 24, 25, 48)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def generated() -> list[tuple[int, Floats]]:
    """Return series of two kinds: a day's pattern each, levels far apart, noise that lasts."""
    random = np.random.default_rng(0)
    hours = np.arange(24 * DAYS)
    found = []
    for number in range(SERIES):
        noise = np.zeros(len(hours))
        for hour, shock in enumerate(random.standard_t(5, len(hours)) * 0.1):
            noise[hour] = 0.7 * noise[hour - 1] + shock
        season = 0.5 * np.sin(2 * np.pi * hours / 24 + 2 * (number % 2))
        found.append((number % 2, (np.exp(random.normal(2, 1)) * (1 + season + noise)).astype(np.float32)))
    return found


DATA = generated()
TRUTH = np.stack([values[-AHEAD:] for _, values in DATA])


def loss(forecast: Floats) -> float:
    """Return the weighted loss of medians."""
    return float(np.abs(TRUTH - forecast).sum() / np.abs(TRUTH).sum())


def regression() -> Floats:
    """Return what a linear autoregression on seasonal lags, one for all scaled series, forecasts."""
    scaled = [values[:-AHEAD] / np.abs(values[:-AHEAD]).mean() for _, values in DATA]
    rows = [[z[at - lag] for lag in LAGS] for z in scaled for at in range(max(LAGS), len(z))]
    model = Ridge(1e-3).fit(rows, [z[at] for z in scaled for at in range(max(LAGS), len(z))])
    paths = []
    for z, (_, values) in zip(scaled, DATA, strict=True):
        path = list(z)
        for _ in range(AHEAD):
            path.append(float(model.predict([[path[-lag] for lag in LAGS]])[0]))
        paths.append(np.array(path[-AHEAD:]) * np.abs(values[:-AHEAD]).mean())
    return np.array(paths, np.float32)


def instance(kind: int, values: Floats) -> dict[str, Any]:
    return {"start": "2024-01-01 00:00:00", "target": values[:-AHEAD].tolist(), "cat": [kind]}


class TestDeepAR(AlgorithmContract):
    """The median's loss is no more than that of the better of two simple ways."""

    algorithm = DeepAR
    hyperparameters = MappingProxyType(
        {
            "time_freq": "H",
            "context_length": "24",
            "prediction_length": str(AHEAD),
            "epochs": "14",
            "mini_batch_size": "32",
            "num_layers": "1",
            "learning_rate": "5e-3",
        }
    )
    illegal = ("time_freq", "fortnight")

    def channels(self, folder: Path) -> dict[str, Channel]:
        (folder / "train").mkdir()
        lines = [json.dumps(instance(kind, values)) for kind, values in DATA]
        (folder / "train" / "series.json").write_text("\n".join(lines))
        return {"train": Channel("train", folder / "train", "application/jsonlines")}

    def requests(self) -> Sequence[Request]:
        instances = [instance(*each) for each in DATA[:2]]
        body = json.dumps({"instances": instances, "configuration": {"num_samples": 20}}).encode()
        lines = "\n".join(map(json.dumps, instances)).encode()
        return (
            Request("POST", "/invocations", "application/json", "", body),
            Request("POST", "/invocations", "application/jsonlines", "", lines),
            Request("POST", "/invocations", "application/json", "application/jsonlines", body),
        )

    def quality(self, model: Algorithm[Any]) -> float:
        instances = [instance(*each) for each in DATA]
        body = {"instances": instances, "configuration": {"quantiles": ["0.5"]}}
        answer = model.answer(Request("POST", "/", "application/json", "", json.dumps(body).encode()))
        assert isinstance(answer.body, bytes)
        predictions = json.loads(answer.body)["predictions"]
        return -loss(np.array([each["quantiles"]["0.5"] for each in predictions], np.float32))

    def reference_quality(self) -> float:
        naive = np.stack([values[-2 * AHEAD : -AHEAD] for _, values in DATA])
        return -min(loss(naive), loss(regression()))
