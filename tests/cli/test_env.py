"""The variables are quoted for the shell that reads them."""

import json
import shutil
import subprocess
from dataclasses import replace

import pytest

from clary.app.client import variables
from clary.app.settings import Settings, remember
from tests.cli.conftest import Clary


def test_json_is_the_variables_as_they_are(clary: Clary, known: Settings) -> None:
    result = clary("env", "--format", "json", "--data", known.data)
    assert json.loads(result.stdout) == variables(known)


def test_sh_reads_what_is_printed(clary: Clary, known: Settings) -> None:
    text = clary("env", "--data", known.data).stdout
    before, after = "export AWS_PROFILE=work", "echo $SAGEMAKER_USER_CONFIG_OVERRIDE ${AWS_PROFILE-none}"
    done = subprocess.run(
        ["sh", "-eu", "-c", f"{before}\n{text}\n{after}"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{known.data}/sagemaker-config.yaml none\n"


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_reads_what_is_printed(clary: Clary, known: Settings) -> None:
    text = clary("env", "--format", "fish", "--data", known.data).stdout
    done = subprocess.run(
        ["fish", "-c", f"{text}\necho $SAGEMAKER_USER_CONFIG_OVERRIDE"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{known.data}/sagemaker-config.yaml\n"


def test_fish_has_its_own_words(clary: Clary, known: Settings) -> None:
    text = clary("env", "--format", "fish", "--data", known.data).stdout
    assert "set -gx AWS_ENDPOINT_URL http://127.0.0.1:1;" in text.splitlines()
    assert "export" not in text


@pytest.fixture
def secured(known: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A server that was started with TLS, and a home of the test's own."""
    monkeypatch.setenv("HOME", str(known.data.parent))
    made = replace(known, tls_port=4711)
    remember(made)
    return made


def test_install_tells_people_on_the_side_and_the_shell_what_to_export(
    clary: Clary, secured: Settings
) -> None:
    path = secured.data.parent / ".aws/models/endpoints.json"
    result = clary("env", "--install", "--data", secured.data)
    assert result.stderr == f"Wrote {path}: STS is at 127.0.0.1:4711\n"
    assert result.stdout == clary("env", "--data", secured.data).stdout
    assert "export AWS_CA_BUNDLE=" in result.stdout
    assert path.exists()


def test_uninstall_takes_away_what_install_wrote_and_prints_nothing(clary: Clary, secured: Settings) -> None:
    path = secured.data.parent / ".aws/models/endpoints.json"
    clary("env", "--install", "--data", secured.data)
    result = clary("env", "--uninstall")
    assert (result.stdout, result.stderr) == ("", f"Removed {path}\n")
    assert not path.exists()


def test_install_and_uninstall_at_once_is_nothing(clary: Clary, secured: Settings) -> None:
    result = clary("env", "--install", "--uninstall", "--data", secured.data)
    assert result.exit_code == 2
    assert "Choose one" in result.stderr
    assert not (secured.data.parent / ".aws").exists()
