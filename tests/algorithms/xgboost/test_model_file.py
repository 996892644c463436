"""Model files are read in every form that a booster has, and a pickle of anything else does nothing."""

import pickle
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from clary.algorithms.xgboost import model_file
from clary.toolkit.errors import ClientError

ROWS = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
BOOSTER = xgboost.train({"nthread": 1}, xgboost.DMatrix(ROWS, ROWS[:, 0]), 3)
WRAPPED = xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(ROWS, ROWS[:, 0] > 0)


@pytest.mark.parametrize(
    ("content", "like"),
    [
        (bytes(BOOSTER.save_raw("ubj")), BOOSTER),
        (bytes(BOOSTER.save_raw("json")), BOOSTER),
        (pickle.dumps(BOOSTER), BOOSTER),
        (pickle.dumps(WRAPPED), WRAPPED.get_booster()),
        (bytes(WRAPPED.get_booster().save_raw("ubj")), WRAPPED.get_booster()),
    ],
)
def test_a_booster_is_read_in_every_form(tmp_path: Path, content: bytes, like: Any) -> None:
    (tmp_path / "xgboost-model").write_bytes(content)
    (booster,) = model_file.read(tmp_path)
    np.testing.assert_allclose(booster.inplace_predict(ROWS), like.inplace_predict(ROWS))


class _Harm:
    def __reduce__(self) -> tuple[Any, ...]:
        return subprocess.check_call, (["touch", "/tmp/harm-of-a-pickle"],)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps(_Harm()), "its pickle asks for subprocess.check_call, which a booster does not need"),
        (pickle.dumps({"a": 1}), "a pickle of dict"),
        (b"\x80\x04", "Unable to load model: xgboost-model is none of XGBoost's"),
        (b"binf" + bytes(100), "in the binary format that XGBoost .* no longer reads"),
        (b"nothing of the kind", "Unable to load model"),
        (b"", "Unable to load model"),
        (b'{"learner": {}}', "Unable to load model"),
    ],
)
def test_what_is_no_booster_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "xgboost-model").write_bytes(content)
    with pytest.raises(ClientError, match=message):
        model_file.read(tmp_path)
    assert not Path("/tmp/harm-of-a-pickle").exists()


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    with pytest.raises(ClientError, match="There is no model"):
        model_file.read(tmp_path)
