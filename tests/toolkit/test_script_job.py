"""What SageMaker's framework containers tell a script."""

import json
from pathlib import Path
from typing import Any

import pytest

from clary.toolkit.errors import ClientError
from clary.toolkit.script_job import ScriptJob
from tests.toolkit.conftest import WriteJob

GROUP = {"instance_group_name": "homogeneousCluster", "instance_type": "ml.m5.large", "hosts": ["algo-1"]}
CLUSTER = {
    "current_host": "algo-1",
    "current_instance_type": "ml.m5.large",
    "current_group_name": "homogeneousCluster",
    "hosts": ["algo-1"],
    "instance_groups": [GROUP],
    "network_interface_name": "lo",
}


def job(write_job: WriteJob, **parameters: Any) -> ScriptJob:
    given = {"sagemaker_program": "train.py", **parameters}
    encoded = {name: json.dumps(value) for name, value in given.items()}
    return ScriptJob(write_job(encoded, {"train": b"", "my-test": b""}, resources=CLUSTER))


def test_arguments_are_sorted_and_spelt_as_the_toolkit_spells_them(write_job: WriteJob) -> None:
    made = job(write_job, flag=True, alpha=0.5, n=3, name="x y", map={"b": 2, "a": 1})
    assert made.arguments() == [
        "--alpha", "0.5", "--flag", "True", "--map", "a=1,b=2", "-n", "3", "--name", "x y"
    ]  # fmt: skip


def test_the_variables_tell_folders_hosts_channels_and_hyperparameters(write_job: WriteJob) -> None:
    made = job(write_job, alpha=0.5, sagemaker_job_name="it", sagemaker_region="us-east-1")
    told = made.variables()
    base = str(made.base)
    assert (told["SM_MODEL_DIR"], told["SM_OUTPUT_DATA_DIR"]) == (f"{base}/model", f"{base}/output/data")
    assert json.loads(told["SM_CHANNELS"]) == ["my-test", "train"]
    assert told["SM_CHANNEL_TRAIN"] == f"{base}/input/data/train"
    assert told["SM_CHANNEL_MY-TEST"] == f"{base}/input/data/my-test"
    assert (told["SM_HP_ALPHA"], json.loads(told["SM_HPS"])) == ("0.5", {"alpha": 0.5})
    assert (json.loads(told["SM_HOSTS"]), told["SM_CURRENT_HOST"]) == (["algo-1"], "algo-1")
    assert json.loads(told["SM_INSTANCE_GROUPS_DICT"]) == {"homogeneousCluster": GROUP}
    assert json.loads(told["SM_USER_ARGS"]) == ["--alpha", "0.5"]
    assert json.loads(told["SM_TRAINING_ENV"])["job_name"] == told["SAGEMAKER_JOB_NAME"] == "it"
    assert int(told["SM_NUM_CPUS"]) >= 1
    assert told["SM_USER_ENTRY_POINT"] == "train.py"
    assert "SM_HP_SAGEMAKER_PROGRAM" not in told


def test_values_that_are_no_json_are_text(tmp_path: Path, write_job: WriteJob) -> None:
    made = ScriptJob(write_job({"sagemaker_program": "a.py", "name": "plain"}, {}))
    assert (made.program, made.arguments()) == ("a.py", ["--name", "plain"])


def test_a_script_may_lie_in_the_image_itself(write_job: WriteJob) -> None:
    assert job(write_job, sagemaker_submit_directory="/opt/ml/input/data/code").folder == Path(
        "/opt/ml/input/data/code"
    )


def test_what_a_job_cannot_do_is_said(write_job: WriteJob) -> None:
    made = job(write_job, sagemaker_mpi_enabled=True, sagemaker_program="")
    with pytest.raises(ClientError, match="sagemaker_mpi_enabled is not supported"):
        made.refuse_distribution()
    with pytest.raises(ClientError, match="names the script to run"):
        _ = made.program
