"""A booster whose trees the toolkit's kernel goes down, where it proves to answer as the library does."""

import json
from typing import Any, Self

import numpy as np
import xgboost

from clary.toolkit.batch import Floats
from clary.toolkit.native import kernels
from clary.toolkit.trees import Tree, Trees

_PROBES = 256
_LARGEST = 64 * 1024 * 1024  # bytes of a model's JSON; beyond, reading it would hold up the endpoint
_EXACT = 1e-5  # of two sums of single precision

_PLAIN = (
    "reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror",
    "reg:squaredlogerror", "binary:logitraw", "rank:pairwise", "rank:ndcg", "rank:map",
)  # fmt: skip
_LOGISTIC = ("binary:logistic", "reg:logistic")
_POSITIVE = ("count:poisson", "reg:gamma", "reg:tweedie", "survival:aft", "survival:cox")


class QuickBooster:
    """The trees of a booster, and what its objective makes of their sums."""

    def __init__(self, trees: Trees, base: Floats, objective: str) -> None:
        self._trees, self._base, self._objective = trees, base, objective

    @classmethod
    def of(cls, booster: Any, objective: str) -> Self | None:
        """Return it; None without a kernel, for other boosters than trees, and where the answers differ."""
        if kernels is None or not len(content := bytes(booster.save_raw("json"))) < _LARGEST:
            return None
        parts = _trees(json.loads(content)["learner"]["gradient_booster"])
        if not parts:
            return None
        outputs = 1 + max(tree.output for tree in parts)
        made = cls(Trees(parts, outputs, kernels), np.zeros(outputs, np.float32), objective)
        probes = _probes(parts, int(booster.num_features()))
        margins = booster.inplace_predict(probes, predict_type="margin", validate_features=False)
        made._base = (margins.reshape(len(probes), -1) - made._trees.sums(probes, made._base))[0]
        expected = booster.inplace_predict(probes, validate_features=False)
        found = made.predict(probes)
        same = found is not None and found.shape == expected.shape
        return made if same and np.allclose(found, expected, rtol=_EXACT, atol=_EXACT) else None

    def predict(self, rows: Floats) -> Any:
        """Return what the booster answers to rows, (rows,) or (rows, outputs); None for other objectives."""
        sums = self._trees.sums(rows, self._base)
        if self._objective.startswith("multi:"):
            if self._objective == "multi:softmax":
                return sums.argmax(axis=1).astype(np.float32)
            raised = np.exp(sums - sums.max(axis=1, keepdims=True))
            return raised / raised.sum(axis=1, keepdims=True)
        if self._trees.outputs == 1:
            sums = sums[:, 0]
        if self._objective in _PLAIN:
            return sums
        with np.errstate(over="ignore"):
            if self._objective in _LOGISTIC:
                return 1 / (1 + np.exp(-sums))
            if self._objective in _POSITIVE:
                return np.exp(sums)
        return (sums > 0).astype(np.float32) if self._objective == "binary:hinge" else None


def _trees(document: dict[str, Any]) -> list[Tree]:
    """Return the trees of a model's JSON; none for linear models, categories and leaves of several values."""
    if document["name"] == "gblinear":
        return []
    weights = document.get("weight_drop")
    model = document.get("gbtree", document)["model"]
    found = []
    for number, each in enumerate(model["trees"]):
        if any(each["split_type"]) or each["tree_param"]["size_leaf_vector"] not in ("0", "1"):
            return []
        conditions = np.array(each["split_conditions"], np.float32)
        found.append(
            Tree(
                left=np.array(each["left_children"]),
                right=np.array(each["right_children"]),
                feature=np.array(each["split_indices"]),
                split=conditions,
                default_left=np.array(each["default_left"]),
                value=conditions * np.float32(weights[number] if weights else 1),
                output=model["tree_info"][number],
            )
        )
    return found


def _probes(trees: list[Tree], width: int) -> Floats:
    """Return rows around the splits of the trees, on them, and with values missing."""
    random = np.random.default_rng(0)
    features = np.concatenate([tree.feature[tree.left >= 0] for tree in trees])
    splits = np.concatenate([tree.split[tree.left >= 0] for tree in trees])
    rows = np.zeros((_PROBES, width), np.float32)
    for feature in range(width):
        own = splits[features == feature]
        if len(own):
            drawn = random.choice(own, _PROBES)
            rows[:, feature] = drawn + random.choice([-1, 0, 1], _PROBES) * (np.abs(drawn) + 1) * 1e-3
    rows[random.random(rows.shape) < 0.1] = np.nan
    return rows


def sliced(booster: Any) -> Any:
    """Return the booster up to its best round, where an early stop has left more than that."""
    best = booster.attributes().get("best_iteration")
    if best is None or not best.isdecimal() or int(best) + 1 >= booster.num_boosted_rounds():
        return booster
    try:
        return booster[: int(best) + 1]
    except xgboost.core.XGBoostError:  # linear models have no rounds to leave out
        return booster
