"""The variables are quoted for the shell that reads them."""

import json
import shutil
import subprocess

import pytest

from clary.app.client import variables
from clary.app.settings import Settings
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
