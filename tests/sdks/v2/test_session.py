"""Who and where: the role, the bucket and the account of SDK v2, which asks STS at an address built in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sagemaker

from tests.sdks.conftest import BUCKET, ROLE

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
