"""What a client needs to reach a server."""

import json
import stat
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.regions import EndpointResolver

from clary.app.client import connect, endpoints_file, install, sdk_config, uninstall, variables
from clary.app.settings import Settings, identity
from clary.core.errors import ClaryError


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


def test_clients_trust_the_servers_ca_if_it_speaks_tls(tmp_path: Path) -> None:
    assert "AWS_CA_BUNDLE" not in variables(Settings(tmp_path))
    found = variables(Settings(tmp_path, tls_port=2))
    assert found["AWS_CA_BUNDLE"] == str(tmp_path / "ca-bundle.pem")
    assert found["AWS_ENDPOINT_URL"] == Settings(tmp_path).url
    assert "REQUESTS_CA_BUNDLE" not in found, "it would change what requests and pip trust"


@pytest.fixture
def secured(tmp_path: Path) -> Settings:
    """A server that speaks TLS."""
    return Settings(tmp_path / "data", tls_port=4711)


def test_sts_is_here_in_all_regions_and_all_else_where_it_was(tmp_path: Path, secured: Settings) -> None:
    install(secured, tmp_path)
    builtin = EndpointResolver(json.loads(Path(Loader.BUILTIN_DATA_PATH, "endpoints.json").read_text()))
    ours = EndpointResolver(json.loads(endpoints_file(tmp_path).read_text()))
    partitions = builtin.get_available_partitions()
    assert ours.get_available_partitions() == partitions
    for partition in partitions:
        assert ours.get_available_endpoints("s3", partition) == builtin.get_available_endpoints(
            "s3", partition
        )
    for region in ("us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1"):
        assert ours.construct_endpoint("sts", region)["hostname"] == "127.0.0.1:4711"
        assert ours.construct_endpoint("sqs", region) == builtin.construct_endpoint("sqs", region)


def test_installing_again_changes_nothing_and_another_server_takes_over(
    tmp_path: Path, secured: Settings
) -> None:
    path = endpoints_file(tmp_path)
    assert install(secured, tmp_path) == [f"Wrote {path}: STS is at 127.0.0.1:4711"]
    before = path.stat().st_mtime_ns
    assert install(secured, tmp_path) == [f"{path} leads to 127.0.0.1:4711 already"]
    assert path.stat().st_mtime_ns == before
    install(Settings(tmp_path, tls_port=4712), tmp_path)
    assert "127.0.0.1:4712" in path.read_text()
    assert "127.0.0.1:4711" not in path.read_text()
    assert uninstall(tmp_path) == [f"Removed {path}"]
    assert list(path.parent.iterdir()) == []


def test_a_file_of_the_users_own_comes_back(tmp_path: Path, secured: Settings) -> None:
    path = endpoints_file(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text('{"mine": 1}')
    install(secured, tmp_path)
    install(secured, tmp_path)
    assert json.loads(path.read_text())["writtenBy"] == "Clary"
    assert uninstall(tmp_path) == [f"Put your own {path} back"]
    assert [(file.name, file.read_text()) for file in path.parent.iterdir()] == [(path.name, '{"mine": 1}')]
    assert "not Clary's" in uninstall(tmp_path)[0]
    assert path.exists()


def test_two_files_of_the_users_own_are_not_mixed_up(tmp_path: Path, secured: Settings) -> None:
    path = endpoints_file(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text("first")
    install(secured, tmp_path)
    path.write_text("second")
    with pytest.raises(ClaryError, match="Move one away"):
        install(secured, tmp_path)
    assert sorted(file.read_text() for file in path.parent.iterdir()) == ["first", "second"]


def test_there_is_nothing_to_install_without_tls(tmp_path: Path) -> None:
    with pytest.raises(ClaryError, match="--no-tls"):
        install(Settings(tmp_path), tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert "There is no" in uninstall(tmp_path)[0]
