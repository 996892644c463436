"""One call of one service: an object that is replaced while it is being answered."""

from pathlib import Path

import pytest

from clary.core.exchange import Context, Document, FileSlice, Reply
from clary.wire.call import Call
from clary.wire.http import RequestHead
from clary.wire.model import Models
from clary.wire.route import Router
from tests.wire.conftest import CALLER

HEAD = RequestHead(
    "GET", "/bucket/key", "", {"authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request"}
)


class Replaced:
    """Answers with the paths it was given, one after another."""

    def __init__(self, *paths: Path) -> None:
        self.paths = list(paths)

    def __call__(self, ctx: Context, params: Document) -> Reply:
        return Reply({"Body": FileSlice(self.paths.pop(0), 0, 3)})


def call(service: Replaced) -> Call:
    route = Router(Models(("s3",))).route(HEAD)
    return Call(route, Context("id", "s3", "GetObject", "us-east-1", CALLER), service)


def test_an_object_replaced_before_it_was_opened_is_answered_as_it_is_now(tmp_path: Path) -> None:
    now = tmp_path / "now"
    now.write_bytes(b"new")
    response, _ = call(Replaced(tmp_path / "gone", tmp_path / "gone", now)).first(HEAD, b"")
    assert response.status == 200
    assert response.body == b"new"


def test_a_file_that_is_lost_is_an_error_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        call(Replaced(*[tmp_path / "gone"] * 10)).first(HEAD, b"")
