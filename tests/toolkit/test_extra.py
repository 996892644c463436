"""A library of an extra is imported, or named with the way to install it."""

import json

import pytest

from clary.toolkit import extra
from clary.toolkit.errors import ClientError


def test_what_is_installed_is_imported() -> None:
    assert extra.load("json", "any") is json


def test_what_is_missing_is_named_with_its_extra() -> None:
    with pytest.raises(ClientError, match=r"needs nothing_such, .* pip install 'clary\[some\]'"):
        extra.load("nothing_such", "some")


def test_what_is_missing_is_told_without_an_import() -> None:
    assert extra.missing(["json", "nothing_such"]) == ["nothing_such"]
