"""Settings are one frozen object; the server's key is its user's alone."""

import stat
from pathlib import Path

from clary.app.settings import Settings, default_data, identity, remember, remembered


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    made = identity(settings)
    path = tmp_path / "identity.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert identity(settings) == made
    assert [file.name for file in tmp_path.iterdir()] == ["identity.json"]
    assert made.access_key.startswith("AKIA")


def test_two_servers_have_two_keys(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert identity(Settings(tmp_path / "one")) != identity(Settings(tmp_path / "two"))


def test_data_lies_where_xdg_says() -> None:
    assert default_data({"XDG_DATA_HOME": "/x"}) == Path("/x/clary")
    assert default_data({"XDG_DATA_HOME": ""}) == Path.home() / ".local/share/clary"
    assert default_data({}) == Path.home() / ".local/share/clary"


def test_folders_are_the_users_own(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "deep/data")
    settings.prepare()
    settings.prepare()
    for folder in (settings.data, settings.sockets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    settings.sockets.rmdir()


def test_the_folder_of_sockets_is_short_and_the_datas_own(tmp_path: Path) -> None:
    one, two = Settings(tmp_path / ("a" * 200)), Settings(tmp_path / ("b" * 200))
    assert one.sockets != two.sockets
    assert len(str(one.sockets)) < 60
    assert one.sockets == Settings(tmp_path / "x" / ".." / ("a" * 200)).sockets


def test_a_server_is_remembered_as_it_was_started(tmp_path: Path) -> None:
    assert remembered(tmp_path) is None
    settings = Settings(tmp_path, "::1", 8080, "eu-west-1", "2" * 12, False, 3, 8443)
    remember(settings)
    assert remembered(tmp_path) == settings
    assert settings.url == "http://[::1]:8080"
    assert settings.tls_authority == "[::1]:8443"
    assert settings.bucket == "sagemaker-eu-west-1-222222222222"
    assert settings.role == "arn:aws:iam::222222222222:role/ClaryExecutionRole"


def test_a_server_without_a_port_for_tls_does_not_speak_it(tmp_path: Path) -> None:
    assert Settings(tmp_path).tls_authority is None
