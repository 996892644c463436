"""Who and where: the role, the bucket and the account of SDK v2, which asks STS at an address built in."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sagemaker
from botocore.exceptions import ClientError

from tests.sdks.conftest import BUCKET, INSTANCE, ROLE

PROGRAM = """
import sagemaker
session = sagemaker.Session()
print(session.default_bucket(), session.upload_data("it.txt", key_prefix="v2-ways"))
"""


def test_role_bucket_and_account_are_those_of_this_server(session: sagemaker.Session) -> None:
    assert sagemaker.get_execution_role(session) == ROLE
    assert session.expand_role("ClaryExecutionRole") == ROLE
    assert session.default_bucket() == BUCKET
    assert session.account_id() == "123456789012"


def test_files_go_up_and_come_down(session: sagemaker.Session, tmp_path: Path) -> None:
    (tmp_path / "up" / "deep").mkdir(parents=True)
    (tmp_path / "up" / "a b+ü.txt").write_text("one")
    (tmp_path / "up" / "deep" / "two.txt").write_text("two")
    uri = session.upload_data(str(tmp_path / "up"), key_prefix="v2-files")
    assert uri == f"s3://{BUCKET}/v2-files"
    session.download_data(str(tmp_path / "down"), BUCKET, "v2-files")
    assert (tmp_path / "down" / "a b+ü.txt").read_text() == "one"
    assert (tmp_path / "down" / "deep" / "two.txt").read_text() == "two"
    assert session.read_s3_file(BUCKET, "v2-files/deep/two.txt") == "two"
    assert len(session.list_s3_files(BUCKET, "v2-files")) == 2


def test_a_text_goes_up_and_tags_and_callers_are_told(session: sagemaker.Session) -> None:
    uri = session.upload_string_as_file_body("a text", BUCKET, "v2-text/it.txt")
    assert uri == f"s3://{BUCKET}/v2-text/it.txt"
    assert session.read_s3_file(BUCKET, "v2-text/it.txt") == "a text"
    assert session.get_caller_identity_arn().startswith("arn:aws:iam::123456789012:")


def test_models_and_configurations_are_made_copied_and_taken_away(
    session: sagemaker.Session, name: Callable[[str], str]
) -> None:
    made = name("v2-model")
    session.create_model(
        made, ROLE, {"Image": "linear-learner:1", "Environment": {}}, tags=[{"Key": "team", "Value": "a"}]
    )
    arn = session.describe_model(made)["ModelArn"]
    assert session.list_tags(arn) == [{"Key": "team", "Value": "a"}]
    tagged = session.get_tagging_resources([{"Key": "team", "Values": ["a"]}], ["sagemaker:model"])
    assert arn in {one["ResourceARN"] for one in tagged}
    session.create_endpoint_config(made, made, 1, INSTANCE)
    session.create_endpoint_config_from_existing(made, f"{made}-copy")
    copied = session.describe_endpoint_config(f"{made}-copy")["ProductionVariants"]
    assert copied == session.describe_endpoint_config(made)["ProductionVariants"]
    for config in (made, f"{made}-copy"):
        session.delete_endpoint_config(config)
    session.delete_model(made)
    with pytest.raises(ClientError, match="Could not find"):
        session.describe_model(made)
    with pytest.raises(ClientError, match="Could not find"):
        session.describe_endpoint_config(made)
    assert session.endpoint_in_service_or_not(made) is False


def test_hubs_are_made_listed_and_taken_away(session: sagemaker.Session, name: Callable[[str], str]) -> None:
    hub = name("v2-hub")
    session.create_hub(hub, "a hub")
    assert session.describe_hub(hub)["HubStatus"] == "InService"
    assert hub in {one["HubName"] for one in session.list_hubs(name_contains=hub)["HubSummaries"]}
    assert session.list_hub_contents(hub, "Model")["HubContentSummaries"] == []
    with pytest.raises(ClientError, match="not supported"):
        public = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/a"
        session.create_hub_content_reference(hub, public)
    session.delete_hub(hub)
    with pytest.raises(ClientError, match=r"not exist|not find"):
        session.describe_hub(hub)


def test_helpers_of_what_is_not_built_find_none_of_it(session: sagemaker.Session) -> None:
    assert session.list_monitoring_schedules()["MonitoringScheduleSummaries"] == []
    asked: list[Callable[[str], object]] = [
        session.describe_processing_job,
        session.describe_transform_job,
        session.describe_tuning_job,
        session.describe_auto_ml_job,
        session.describe_monitoring_schedule,
        session.describe_inference_component,
        session.stop_tuning_job,
    ]
    for ask in asked:
        with pytest.raises(ClientError, match=r"not find|not exist|not found|not supported"):
            ask("none")


@pytest.mark.parametrize("way", ["configuration", "address"])
def test_either_way_round_the_built_in_address_of_sts_is_enough(way: str, tmp_path: Path) -> None:
    """`clary env` names a configuration, which spares the question; `--install` leads the address here."""
    environment = dict(os.environ)
    if way == "configuration":
        environment["HOME"] = str(tmp_path)
    else:
        del environment["SAGEMAKER_USER_CONFIG_OVERRIDE"]
    (tmp_path / "it.txt").write_text("it")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        env=environment,
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{BUCKET} s3://{BUCKET}/v2-ways/it.txt"
