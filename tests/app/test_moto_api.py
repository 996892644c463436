"""moto's own requests: what suites written against its server ask of a server that simulates."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clary.app.moto_api import MotoApi
from clary.app.settings import Settings
from clary.core import ids
from clary.core.exchange import Caller, Context, Document
from clary.engine.platform import Platform
from clary.store.database import Database

Ask = Callable[..., tuple[int, Any]]


def asking(api: MotoApi) -> Ask:
    def ask(method: str, path: str, document: object = None, query: str = "") -> tuple[int, Any]:
        body = b"" if document is None else json.dumps(document).encode()
        scope = {
            "type": "http",
            "method": method,
            "path": f"/moto-api/{path}",
            "raw_path": f"/moto-api/{path}".encode(),
            "query_string": query.encode(),
            "headers": [(b"content-length", b"%d" % len(body))],
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        assert api.answers(scope)
        asyncio.run(api(scope, receive, send))
        return sent[0]["status"], json.loads(sent[1]["body"]) if sent[1]["body"] else None

    return ask


@pytest.fixture
def api(platform: Platform, tmp_path: Path) -> Iterator[MotoApi]:
    database = Database(platform.resources._database.url)
    yield MotoApi(Settings(tmp_path, simulate=True), platform, database)
    database.close()


@pytest.fixture
def ask(api: MotoApi) -> Ask:
    return asking(api)


@pytest.fixture
def unseeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids are random again afterwards."""
    monkeypatch.setattr(ids, "_chance", ids._chance)


def test_ids_follow_from_a_seed(api: MotoApi, ask: Ask, unseeded: None) -> None:
    made = []
    for _ in range(2):
        assert ask("POST", "seed", query="a=42") == (200, None)
        _iam(api, "CreateUser")
        made.append(_iam(api, "CreateAccessKey")["AccessKey"])
        assert ask("POST", "reset")[0] == 200
    assert made[0]["AccessKeyId"] == made[1]["AccessKeyId"]
    assert ask("POST", "seed", query="a=x")[0] == 400
    assert ask("POST", "seed")[0] == 400


def _iam(api: MotoApi, operation: str) -> Document:
    ctx = Context("request", "iam", operation, "us-east-1", Caller("1" * 12, "", "arn:aws:iam::1:root", ""))
    return api.services()["iam"](ctx, {"UserName": "ada"}).output


def test_a_configuration_is_kept_until_the_reset(ask: Ask) -> None:
    first = {"batch": {"use_docker": True}, "lambda": {"use_docker": True}}
    assert ask("GET", "config") == (201, first)
    changed = {**first, "batch": {"use_docker": False}}
    assert ask("POST", "config", {"batch": {"use_docker": False}, "other": 1}) == (201, changed)
    ask("POST", "reset")
    assert ask("GET", "config") == (201, first)
    assert ask("POST", "config", 1)[0] == 400


def test_every_transition_is_immediate_and_no_other_is_promised(ask: Ask) -> None:
    named = {"model_name": "sagemaker::training_job"}
    immediate = {"progression": "immediate"}
    assert ask("GET", "state-manager/get-transition", query="model_name=any") == (200, immediate)
    assert ask("POST", "state-manager/set-transition", {**named, "transition": immediate}) == (201, None)
    status, told = ask(
        "POST", "state-manager/set-transition", {**named, "transition": {"progression": "manual", "times": 2}}
    )
    assert (status, "'manual' is not simulated" in told["Error"]) == (501, True)
    assert ask("POST", "state-manager/unset-transition", named) == (201, None)
    assert ask("POST", "state-manager/set-transition", {})[0] == 400


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("recorder/start-recording", "recorded"),
        ("recorder/replay-recording", "recorded"),
        ("proxy/passthrough", "proxy"),
        ("reset-auth", "not enforced"),
        ("static/athena/query-results", "not spoken"),
    ],
)
def test_what_makes_no_sense_here_is_refused_with_the_reason(ask: Ask, path: str, word: str) -> None:
    status, told = ask("POST", path, {})
    assert (status, word in told["Error"]) == (501, True)


def test_what_moto_has_not_either_is_not_there(ask: Ask) -> None:
    status, told = ask("POST", "colour", {})
    assert (status, "POST /moto-api/reset" in told["Error"]) == (404, True)
