"""Who and where: the role, the bucket and the account of SDK v1, which asks STS at an address built in."""

from pathlib import Path

import sagemaker

from tests.sdks.conftest import BUCKET, ROLE


def test_role_and_bucket_are_those_of_this_server(session: sagemaker.Session) -> None:
    assert sagemaker.get_execution_role(session) == ROLE
    assert session.expand_role("ClaryExecutionRole") == ROLE
    assert session.default_bucket() == BUCKET


def test_files_go_up_and_come_down(session: sagemaker.Session, tmp_path: Path) -> None:
    (tmp_path / "up" / "deep").mkdir(parents=True)
    (tmp_path / "up" / "a b+ü.txt").write_text("one")
    (tmp_path / "up" / "deep" / "two.txt").write_text("two")
    uri = session.upload_data(str(tmp_path / "up"), key_prefix="v1-files")
    assert uri == f"s3://{BUCKET}/v1-files"
    session.download_data(str(tmp_path / "down"), BUCKET, "v1-files")
    assert (tmp_path / "down" / "a b+ü.txt").read_text() == "one"
    assert (tmp_path / "down" / "deep" / "two.txt").read_text() == "two"
    assert session.read_s3_file(BUCKET, "v1-files/deep/two.txt") == "two"
    assert len(session.list_s3_files(BUCKET, "v1-files")) == 2
