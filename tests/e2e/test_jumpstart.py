"""JumpStart's ids lead unmodified SDK code from a model's id to a hosted model."""

import re

from tests.e2e.conftest import Server


def test_the_tutorials_of_tabular_data(server: Server) -> None:
    done = server.python("examples/jumpstart.py")
    assert done.returncode == 0, done.stderr
    right = re.search(r"accuracy of lightgbm-classification-model (\S+)", done.stdout)
    assert right, done.stdout
    assert float(right.group(1)) > 0.85
    assert "multi_logloss: " in done.stdout, "fit() shows the job's log"
    error = re.search(r"RMSE of catboost-regression-model (\S+) where rings vary by (\S+)", done.stdout)
    assert error, done.stdout
    assert float(error.group(1)) < 0.5 * float(error.group(2))
