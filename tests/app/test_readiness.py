"""A server is ready when every one of its processes works, not when its port answers."""

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.app import readiness
from clary.app.settings import Settings


class Healthy(http.server.BaseHTTPRequestHandler):
    """Answers as door and control plane do."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == readiness.HEALTH else 404)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name it overrides
        """Say nothing."""


@pytest.fixture
def settings(short_path: Path) -> Iterator[Settings]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Healthy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made = Settings(short_path / "data", port=server.server_address[1])
    made.prepare()
    readiness.zygote(made).touch()
    readiness.reconciler(made).write_text(str(os.getpid()))
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    readiness.forget(made)
    made.sockets.rmdir()


def test_ready_when_all_work(settings: Settings) -> None:
    assert readiness.answers(settings)


def test_not_ready_without_a_zygote(settings: Settings) -> None:
    readiness.zygote(settings).unlink()
    assert not readiness.answers(settings)


@pytest.mark.parametrize("mark", [None, "", "4194303"])
def test_not_ready_without_a_reconciler_that_lives(settings: Settings, mark: str | None) -> None:
    readiness.reconciler(settings).unlink() if mark is None else readiness.reconciler(settings).write_text(
        mark
    )
    assert not readiness.answers(settings)


def test_not_ready_when_nobody_listens(settings: Settings) -> None:
    assert not readiness.answers(Settings(settings.data, port=1))


def test_what_a_killed_server_left_is_forgotten(settings: Settings) -> None:
    readiness.forget(settings)
    readiness.forget(settings)
    assert not readiness.answers(settings)
