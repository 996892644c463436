"""/opt/ml as a container of SageMaker sees it."""

import json
from pathlib import Path
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.engine.platform import Platform
from clary.services import cluster, opt_ml
from clary.services.cluster import Cluster
from clary.services.opt_ml import Place
from clary.store.objects import BucketRow

JOB: dict[str, Any] = {
    "AlgorithmSpecification": {"TrainingImage": "linear-learner:1", "TrainingInputMode": "File"},
    "HyperParameters": {"epochs": "3"},
    "ResourceConfig": {"InstanceType": "ml.m5.large"},
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3Uri": "s3://b/data/", "S3DataType": "S3Prefix"}},
        },
        {
            "ChannelName": "test",
            "InputMode": "FastFile",
            "DataSource": {
                "S3DataSource": {"S3Uri": "s3://b/data/", "S3DataDistributionType": "ShardedByS3Key"}
            },
        },
    ],
}


CLUSTER = cluster.of(JOB["ResourceConfig"], "row")


def place(base: Path, hosts: Cluster = CLUSTER, number: int = 0, named: bool = True) -> Place:
    return Place(base, hosts.hosts[number], hosts, named)


def test_the_folders_and_files_are_those_of_a_container(tmp_path: Path) -> None:
    opt_ml.lay_out(place(tmp_path), JOB)
    opt_ml.lay_out(place(tmp_path), JOB)
    assert all((tmp_path / folder).is_dir() for folder in opt_ml.FOLDERS)
    read = {path.name: json.loads(path.read_text()) for path in (tmp_path / "input/config").iterdir()}
    assert read["hyperparameters.json"] == {"epochs": "3"}
    assert read["inputdataconfig.json"] == {
        "train": {
            "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None",
            "ContentType": "text/csv",
        },
        "test": {
            "TrainingInputMode": "FastFile", "S3DistributionType": "ShardedByS3Key",
            "RecordWrapperType": "None",
        },
    }  # fmt: skip
    cluster = read["resourceconfig.json"]
    assert (cluster["current_host"], cluster["hosts"]) == ("algo-1", ["algo-1"])
    assert cluster["instance_groups"][0]["instance_type"] == "ml.m5.large"


GROUPS = cluster.of(
    {
        "InstanceGroups": [
            {"InstanceGroupName": "small", "InstanceType": "ml.m5.large", "InstanceCount": 2},
            {"InstanceGroupName": "large", "InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
        ]
    },
    "row",
)


@pytest.mark.parametrize("named", [True, False])
def test_every_host_knows_the_whole_cluster(tmp_path: Path, named: bool) -> None:
    data = JOB["InputDataConfig"][0]
    source = data["DataSource"]["S3DataSource"] | {"InstanceGroupNames": ["small"]}
    only_small = data | {"ChannelName": "only-small", "DataSource": {"S3DataSource": source}}
    opt_ml.lay_out(place(tmp_path, GROUPS, 2, named), JOB | {"InputDataConfig": [data, only_small]})
    read = {path.name: json.loads(path.read_text()) for path in (tmp_path / "input/config").iterdir()}
    hosts = list(GROUPS.addresses if named else GROUPS.addresses.values())
    assert read["resourceconfig.json"] == {
        "current_host": hosts[2],
        "current_instance_type": "ml.m5.xlarge",
        "current_group_name": "large",
        "hosts": hosts,
        "instance_groups": [
            {"instance_group_name": "small", "instance_type": "ml.m5.large", "hosts": hosts[:2]},
            {"instance_group_name": "large", "instance_type": "ml.m5.xlarge", "hosts": hosts[2:]},
        ],
        "network_interface_name": "lo",
    }
    assert list(read["inputdataconfig.json"]) == ["train"]


@pytest.fixture
def stored(platform: Platform) -> Path:
    platform.objects.create_bucket(BucketRow("b", "1" * 12, "us-east-1", 0.0))
    with platform.objects.draft() as draft:
        draft.write(b"1,2\n")
        found = platform.objects.put(draft, "b", "data/deep/rows.csv", {})
    assert found is not None
    return platform.objects.path(found)


def test_a_channel_is_linked_and_not_copied(platform: Platform, stored: Path, tmp_path: Path) -> None:
    base = platform.work / "row"
    opt_ml.stage(platform, place(base), JOB, JOB["InputDataConfig"][0])
    staged = base / "input/data/train/deep/rows.csv"
    assert staged.read_bytes() == b"1,2\n"
    assert staged.samefile(stored)


def test_a_program_has_a_copy_that_it_may_change(platform: Platform, stored: Path) -> None:
    algorithm = {
        "TrainingImage": "pytorch-training:2",
        "ContainerEntrypoint": ["x"],
        "TrainingInputMode": "File",
    }
    job = JOB | {"AlgorithmSpecification": algorithm}
    opt_ml.stage(platform, place(platform.work / "row"), job, job["InputDataConfig"][0])
    staged = platform.work / "row/input/data/train/deep/rows.csv"
    staged.write_bytes(b"changed")
    assert stored.read_bytes() == b"1,2\n"
    assert opt_ml.protected(job) == ("input/data/test",)
    assert opt_ml.protected(JOB) == ("input/data/train", "input/data/test")


def test_names_that_cannot_be_files_are_refused(platform: Platform, stored: Path) -> None:
    with platform.objects.draft() as draft:
        platform.objects.put(draft, "b", "data/../../escape", {})
    with pytest.raises(ClaryError, match="no relative file name"):
        opt_ml.stage(platform, place(platform.work / "row"), JOB, JOB["InputDataConfig"][0])


def test_a_failure_is_what_the_container_said(tmp_path: Path) -> None:
    assert opt_ml.failure(tmp_path) == ""
    (tmp_path / "output").mkdir()
    (tmp_path / "output/failure").write_bytes(b"  no \xff good \n")
    assert opt_ml.failure(tmp_path) == "no \ufffd good"


def test_a_channel_that_changes_while_it_is_staged_is_staged_anew(
    platform: Platform, stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [tmp_path / "replaced", tmp_path / "replaced", stored]
    monkeypatch.setattr(platform.objects, "path", lambda _stored: answers.pop(0))
    opt_ml.stage(platform, place(tmp_path), JOB, JOB["InputDataConfig"][0])
    assert (tmp_path / "input/data/train/deep/rows.csv").samefile(stored)


def test_a_file_that_is_lost_is_an_error_all_the_same(
    platform: Platform, stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform.objects, "path", lambda _stored: tmp_path / "lost")
    with pytest.raises(FileNotFoundError):
        opt_ml.stage(platform, place(tmp_path), JOB, JOB["InputDataConfig"][0])
