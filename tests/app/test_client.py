"""What a client needs to reach a server."""

import stat
from pathlib import Path

from clary.app.client import connect, sdk_config, variables
from clary.app.settings import Settings, identity


def test_the_variables_point_at_this_server_alone(tmp_path: Path) -> None:
    settings = Settings(tmp_path, port=1234, region="eu-west-1")
    found = variables(settings)
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1234"
    assert found["AWS_DEFAULT_REGION"] == found["AWS_REGION"] == "eu-west-1"
    assert found["AWS_SECRET_ACCESS_KEY"] == identity(settings).secret_key
    text = Path(found["SAGEMAKER_USER_CONFIG_OVERRIDE"]).read_text()
    assert f"DefaultS3Bucket: {settings.bucket}" in text
    assert f"RoleArn: {settings.role}" in text


def test_the_sdks_configuration_is_written_when_it_changes(tmp_path: Path) -> None:
    path = sdk_config(Settings(tmp_path))
    before = path.stat(follow_symlinks=False)
    assert stat.S_ISREG(before.st_mode)
    sdk_config(Settings(tmp_path))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    sdk_config(Settings(tmp_path, region="eu-west-1"))
    assert "sagemaker-eu-west-1" in path.read_text()


def test_a_client_is_of_this_server_and_asks_once(tmp_path: Path) -> None:
    client = connect(Settings(tmp_path, port=1), "sagemaker")
    assert client.meta.endpoint_url == "http://127.0.0.1:1"
    assert client.meta.config.retries["total_max_attempts"] == 1
    client.close()
