"""A model answers over a real socket as SageMaker's containers do."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from clary.algorithms.linear_learner.linear_model import LinearModel
from clary.toolkit.formats import recordio

TWO = b'{"predictions": [{"score": 3.5, "predicted_label": 1}, {"score": -0.5, "predicted_label": 0}]}'

HEAD = b"POST /invocations HTTP/1.1\r\nContent-Type: text/csv\r\nContent-Length: 3\r\n\r\n"


class Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))

    def ask(
        self, path: str, body: bytes | None = None, content_type: str = "text/csv", accept: str = "*/*"
    ) -> tuple[int, bytes]:
        headers = {"Content-Type": content_type, "Accept": accept}
        self.request("GET" if body is None else "POST", path, body, headers)
        response = self.getresponse()
        return response.status, response.read()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, "subprocess.Popen[str]"]]:
    base = tmp_path_factory.mktemp("s")
    (base / "model").mkdir()
    weights = np.array([[1.0], [2.0]])
    LinearModel("binary_classifier", "hinge_loss", weights, np.array([0.5]), 0.0).save(base / "model")
    path = base / "s"
    process = subprocess.Popen(
        [sys.executable, "-m", "clary.toolkit", "serve", "linear-learner"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base), "CLARY_SOCKET": str(path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert f"Listening on {path}" in process.stdout.readline()
    with process:
        yield path, process
        process.kill()


@pytest.fixture
def connection(server: tuple[Path, "subprocess.Popen[str]"]) -> Iterator[Connection]:
    connection = Connection(server[0])
    yield connection
    connection.close()


def test_ping_and_execution_parameters(connection: Connection) -> None:
    assert connection.ask("/ping")[0] == 200
    status, body = connection.ask("/execution-parameters")
    assert status == 200
    assert json.loads(body) == {
        "MaxConcurrentTransforms": 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/csv", b"1,1\n1,-1"),
        ("text/csv; label_size=0", b"1,1\n1,-1\n"),
        ("application/json", b'{"instances": [{"features": [1, 1]}, {"features": [1, -1]}]}'),
        ("application/jsonlines", b'{"features": [1, 1]}\n{"features": [1, -1]}\n'),
        ("application/x-recordio-protobuf", recordio.write(np.array([[1, 1], [1, -1]], np.float32))),
    ],
)
def test_every_content_type_gets_the_same_answer(
    connection: Connection, content_type: str, body: bytes
) -> None:
    assert connection.ask("/invocations", body, content_type) == (200, TWO)


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        ("text/csv", b"3.5,1\n"),
        ("application/jsonlines", b'{"score": 3.5, "predicted_label": 1}\n'),
        ("image/png, application/json", b'{"predictions": [{"score": 3.5, "predicted_label": 1}]}'),
    ],
)
def test_the_accept_header_chooses_the_answer(connection: Connection, accept: str, answer: bytes) -> None:
    assert connection.ask("/invocations", b"1,1", accept=accept) == (200, answer)


@pytest.mark.parametrize(
    ("path", "body", "content_type", "accept", "status", "text"),
    [
        ("/nothing", None, "", "", 404, "nothing at /nothing"),
        ("/invocations", None, "", "", 405, "answers POST, not GET"),
        ("/ping", b"1", "", "", 405, "answers GET, not POST"),
        ("/invocations", b"1,1", "text/libsvm", "", 415, "this model reads text/csv, application/json"),
        ("/invocations", b"1,1", "text/csv", "image/png", 406, "this model answers application/json"),
        ("/invocations", b"1,x", "text/csv", "", 400, "line 1, column 2: 'x'"),
        ("/invocations", b"1,2,3", "text/csv", "", 400, "must have 2 features, as in training; got 3"),
        ("/invocations", b"{", "application/json", "", 400, "not valid JSON"),
    ],
)
def test_refusals_say_why(
    connection: Connection,
    path: str,
    body: bytes | None,
    content_type: str,
    accept: str,
    status: int,
    text: str,
) -> None:
    answered, answer = connection.ask(path, body, content_type, accept)
    assert answered == status
    assert text in answer.decode()
    assert connection.ask("/ping")[0] == 200, "the connection lives on"


def test_a_body_over_the_limit_is_refused(connection: Connection) -> None:
    connection.putrequest("POST", "/invocations")
    connection.putheader("Content-Length", str(6 * 2**20 + 1))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert b"larger than 6291456 bytes" in response.read()


def test_chunked_bodies_and_pipelining(server: tuple[Path, "subprocess.Popen[str]"]) -> None:
    chunked = (
        b"POST /invocations HTTP/1.1\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\n1,\r\n2\r\n-1\r\n0\r\n\r\n"
    )
    last = b"GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(server[0]))
        client.sendall(HEAD + b"1,1" + chunked + last)
        answers = b"".join(iter(lambda: client.recv(65536), b""))
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert answers.index(b'"score": 3.5') < answers.index(b'"score": -0.5')
    assert answers.endswith(b"Connection: close\r\n\r\n\n")


def test_what_is_not_http_is_refused(server: tuple[Path, "subprocess.Popen[str]"]) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(server[0]))
        client.sendall(b"hello\r\n\r\n")
        assert b"400 Bad Request" in b"".join(iter(lambda: client.recv(65536), b""))


def test_expect_continue_is_invited(server: tuple[Path, "subprocess.Popen[str]"]) -> None:
    head = HEAD[:-2] + b"Expect: 100-continue\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(server[0]))
        client.sendall(head)
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"1,1")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_a_missing_model_is_reported(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clary.toolkit", "serve", "linear-learner"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "is not a model of this linear learner" in done.stdout


def test_sigterm_lets_the_request_in_flight_finish(server: tuple[Path, "subprocess.Popen[str]"]) -> None:
    """Comes last: it ends the server."""
    path, process = server
    with socket.socket(socket.AF_UNIX) as idle, socket.socket(socket.AF_UNIX) as busy:
        idle.connect(str(path))
        busy.connect(str(path))
        # The first answer shows that the server has seen the second request begin.
        busy.sendall(HEAD + b"1,1" + HEAD)
        assert b"200 OK" in busy.recv(65536)
        process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b"", "an idle connection is closed"
        busy.sendall(b"1,1")
        answer = b"".join(iter(lambda: busy.recv(65536), b""))
        assert b"200 OK" in answer
        assert b"Connection: close" in answer
    assert process.wait(timeout=30) == 0
