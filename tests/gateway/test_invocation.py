"""Tests of InvokeEndpoint, through raw sockets and through botocore.

Above 400 lines, because every way in which a replica can misbehave is one test beside the others.
"""

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import boto3
import botocore.config
import botocore.exceptions
import pytest

from clary.core.errors import ClaryError
from clary.gateway.inference import UnrememberedError
from clary.gateway.lobby import Limits
from clary.gateway.route import Replica, Route, Variant
from tests.gateway.conftest import CALLER

if TYPE_CHECKING:
    from tests.gateway.conftest import Handler, Message, Play, Upstream, World


def test_the_replica_gets_what_the_model_may_know_and_the_client_gets_its_answer(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        replica.reply = lambda _: world.ok(
            b"0.7",
            "Content-Type: text/csv; charset=utf-8",
            "X-Amzn-SageMaker-Custom-Attributes: seen",
            "Server: model",
            status="201 Created",
        )
        client = await world.client()
        answer = await client.ask(
            world.invoke(
                "churn",
                b"1,2",
                "Accept: text/csv",
                "Authorization: secret",
                "X-Amzn-SageMaker-Custom-Attributes: trace",
                "X-Amzn-SageMaker-Target-Model: a.tar.gz",
                "X-Amzn-SageMaker-Inference-Id: 7",
            )
        )
        (seen,) = replica.seen
        assert seen.start == "POST /invocations HTTP/1.1"
        assert seen.body == b"1,2"
        assert seen.headers == {
            "host": "localhost",
            "content-type": "text/csv",
            "content-length": "3",
            "accept": "text/csv",
            "x-amzn-sagemaker-custom-attributes": "trace",
            "x-amzn-sagemaker-target-model": "a.tar.gz",
            "x-amzn-sagemaker-inference-id": "7",
        }
        assert answer.status == 200
        assert answer.body == b"0.7"
        assert answer.headers.pop("date").endswith("GMT")
        assert len(answer.headers.pop("x-amzn-requestid")) == 36
        assert answer.headers == {
            "content-type": "text/csv; charset=utf-8",
            "content-length": "3",
            "x-amzn-sagemaker-custom-attributes": "seen",
            "x-amzn-invoked-production-variant": "AllTraffic",
        }
        ((method, path, query, headers, body),) = world.verified
        assert (method, path, query, body) == ("POST", "/endpoints/churn/invocations", "", b"1,2")
        assert headers["authorization"] == "secret"

    play(scenario)


def test_what_is_metered(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        client = await world.client()
        await client.ask(world.invoke())
        replica.reply = lambda _: world.ok(b"", status="400 Bad Request")
        await client.ask(world.invoke())
        await client.ask(world.invoke("nobody"))
        assert [seen[:3] for seen in world.metered] == [
            ("churn", "AllTraffic", 200),
            ("churn", "AllTraffic", 400),
        ]
        assert all(0 < latency < 5e6 and 0 < overhead < 5e6 for *_, latency, overhead in world.metered)

    play(scenario)


def test_a_chunked_body_and_one_that_waits_for_continue(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        client = await world.client()
        client.send(
            b"POST /endpoints/churn/invocations HTTP/1.1\r\nhost: x\r\nexpect: 100-Continue\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        assert (await client.answer()).status == 100
        assert (await client.ask(b"2\r\n1,\r\n1\r\n2\r\n0\r\n\r\n")).status == 200
        assert replica.seen[0].body == b"1,2"
        assert replica.seen[0].headers["content-length"] == "3"

    play(scenario)


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large(play: "Play", announced: bool) -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        client = await world.client()
        if announced:
            client.send(
                b"POST /endpoints/churn/invocations HTTP/1.1\r\nexpect: 100-continue\r\n"
                b"content-length: 6291457\r\n\r\n"
            )
        else:
            client.send(
                b"POST /endpoints/churn/invocations HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n600001\r\n"
            )
            client.send(bytes(6291457))
        answer = await client.answer()
        assert answer.status == 413
        assert answer.headers["connection"] == "close"
        assert json.loads(answer.body)["Message"] == "HTTP content length exceeded 6291456 bytes."
        assert not replica.seen
        assert (await (await world.client()).ask(world.invoke("churn", bytes(6291456)))).status == 200

    play(scenario)


def test_errors_before_the_model_is_reached(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        world.route("new", replica, status="Creating")
        world.route("busy", replica, status="Updating")
        world.route("bare")
        client = await world.client()

        async def refusal(endpoint: str, *lines: str) -> tuple[int, str, str]:
            answer = await client.ask(world.invoke(endpoint, b"", *lines))
            assert answer.headers["x-amzn-requestid"]
            return answer.status, answer.headers["x-amzn-errortype"], json.loads(answer.body)["Message"]

        assert await refusal("none") == (
            400, "ValidationError", "Endpoint none of account 123456789012 not found.",
        )  # fmt: skip
        assert await refusal("%E4%BD%A0") == (
            400, "ValidationError", "Endpoint 你 of account 123456789012 not found.",
        )  # fmt: skip
        assert await refusal("new") == (
            400,
            "ValidationError",
            "Endpoint new of account 123456789012 is not in service: its status is Creating.",
        )
        assert await refusal("churn", "X-Amzn-SageMaker-Target-Variant: Blue") == (
            400, "ValidationError", "Endpoint churn of account 123456789012 has no variant called Blue.",
        )  # fmt: skip
        assert await refusal("bare") == (
            503, "ServiceUnavailable", "No replica of variant AllTraffic can be reached; try again.",
        )  # fmt: skip
        assert (await client.ask(world.invoke("busy"))).status == 200

    play(scenario)


def test_a_caller_that_is_not_verified_and_a_failure_of_our_own(
    play: "Play", caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        client = await world.client()
        problem: list[Exception] = [ClaryError("InvalidSignatureException", "No.", 403)]

        def verify(*_: object) -> Any:
            raise problem[0]

        world.verify = verify  # type: ignore[method-assign]
        answer = await client.ask(world.invoke())
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")
        problem[0] = ZeroDivisionError()
        answer = await client.ask(world.invoke())
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (500, "InternalFailure")
        assert answer.headers["x-amzn-requestid"] in caplog.text
        assert not replica.seen

    play(scenario)


def test_a_caller_that_is_not_remembered_is_looked_up_in_a_thread(
    play: "Play", caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: "World") -> None:
        await world.churn()
        client = await world.client()
        threads: list[str] = []
        problem: list[Exception] = []

        def recall(*_: object) -> Any:
            raise UnrememberedError

        def verify(*_: object) -> Any:
            threads.append(threading.current_thread().name)
            if problem:
                raise problem[0]
            return CALLER

        world.recall, world.verify = recall, verify  # type: ignore[method-assign]
        assert (await client.ask(world.invoke())).status == 200
        problem.append(ClaryError("UnrecognizedClientException", "No.", 403))
        answer = await client.ask(world.invoke())
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "UnrecognizedClientException")
        problem[0] = ZeroDivisionError()
        answer = await client.ask(world.invoke())
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (500, "InternalFailure")
        assert answer.headers["x-amzn-requestid"] in caplog.text
        assert len(threads) == 3
        assert threading.main_thread().name not in threads

    play(scenario)


def test_a_lookup_that_fails(play: "Play", caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: "World") -> None:
        world.routes = None  # type: ignore[assignment]
        answer = await (await world.client()).ask(world.invoke())
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (500, "InternalFailure")
        assert answer.headers["x-amzn-requestid"] in caplog.text

    play(scenario)


def test_a_named_variant_is_used_and_named_in_the_answer(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        blue, green = await world.replica("blue"), await world.replica("green")
        variants = (
            Variant("Blue", 1.0, (Replica(blue.address),)),
            Variant("Green", 0.0, (Replica(green.address),)),
        )
        world.routes["churn"] = Route("churn", "123456789012", "us-east-1", "InService", variants)
        client = await world.client()
        answer = await client.ask(world.invoke("churn", b"", "X-Amzn-SageMaker-Target-Variant: Green"))
        assert answer.headers["x-amzn-invoked-production-variant"] == "Green"
        answer = await client.ask(world.invoke())
        assert answer.headers["x-amzn-invoked-production-variant"] == "Blue"
        assert (len(blue.seen), len(green.seen)) == (1, 1)

    play(scenario)


def test_an_unreachable_replica_is_passed_over(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        dead, alive = await world.replica("dead"), await world.replica("alive")
        world.route("churn", dead, alive)
        await dead.close()
        client = await world.client()
        for _ in range(4):
            assert (await client.ask(world.invoke())).status == 200
        await alive.close()
        answer = await client.ask(world.invoke())
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")
        assert world.metered[-1][:3] == ("churn", "AllTraffic", 503)

    play(scenario)


def test_a_replica_that_dies_with_the_request_is_replaced_by_one_other(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replicas = [await world.replica(f"replica-{i}") for i in range(3)]
        world.route("churn", *replicas)
        deaths: list[str] = []

        async def die(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            deaths.append((await world.read_head(reader)).start)

        replicas[1].handler = die
        client = await world.client()
        for _ in range(6):
            assert (await client.ask(world.invoke())).status == 200
        assert len(deaths) >= 1
        for replica in replicas:
            replica.handler = die
            for writer in tuple(replica.writers):
                writer.transport.abort()
        deaths.clear()
        answer = await client.ask(world.invoke())
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (424, "ModelError")
        assert len(deaths) == 2  # a request that ends whoever gets it is not handed to them all

    play(scenario)


def test_a_request_that_ends_replicas_on_kept_connections_does_not_end_them_all(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replicas = [await world.replica(f"replica-{i}") for i in range(4)]
        world.route("churn", *replicas)
        ended: list[str] = []

        def mortal(replica: "Upstream") -> "Handler":
            async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                while True:
                    message = await world.read_head(reader)
                    if await world.read_body(reader, message) == b"poison":
                        ended.append(replica.address)
                        await replica.close()
                        return
                    writer.write(world.ok(b"fine", "X-Clary-Concurrency: 1"))

            return handler

        for replica in replicas:
            replica.handler = mortal(replica)
        client = await world.client()
        for _ in range(8):
            assert (await client.ask(world.invoke())).status == 200
        answer = await client.ask(world.invoke("churn", b"poison"))
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (424, "ModelError")
        assert len(ended) == 2
        assert (await client.ask(world.invoke())).status == 200

    play(scenario)


def test_a_replica_that_dies_in_mid_answer_is_not_asked_again(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        first, second = await world.replica("first"), await world.replica("second")
        world.route("churn", first, second)
        for replica in (first, second):
            replica.reply = lambda _: b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab"
        client = await world.client()
        client.send(world.invoke())
        await world.until(lambda: bool(first.seen or second.seen))
        await first.close()
        await second.close()
        answer = await client.answer()
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (424, "ModelError")
        assert len(first.seen) + len(second.seen) == 1

    play(scenario)


def test_a_model_that_takes_too_long(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        left = asyncio.Event()

        async def think(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()
            left.set()

        replica.handler = think
        client = await world.client()
        answer = await client.ask(world.invoke())
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (424, "ModelError")
        assert json.loads(answer.body)["Message"].startswith(
            'Received server error (0) from primary with message "Your invocation timed out while waiting '
            "for a response from container primary. "
        )
        assert world.metered[-1][:3] == ("churn", "AllTraffic", 504)
        await left.wait()
        replica.handler = replica.serve
        assert (await client.ask(world.invoke())).status == 200

    play(scenario, Limits(model=0.1))


def test_a_client_that_leaves_takes_its_request_along(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        arrived, left = asyncio.Event(), asyncio.Event()

        async def think(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await world.read_head(reader)
            arrived.set()
            await reader.read()
            left.set()

        replica.handler = think
        client = await world.client()
        client.send(world.invoke())
        await arrived.wait()
        client.writer.transport.abort()
        await left.wait()
        assert not world.metered

    play(scenario)


def test_a_client_that_leaves_while_the_route_is_looked_up(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        go_on = threading.Event()
        lookup = world.lookup

        def slow(account: str, endpoint: str) -> Route | None:
            route = lookup(account, endpoint)
            assert go_on.wait(5)
            return route

        world.lookup = slow  # type: ignore[method-assign]
        first, second = await world.client(), await world.client()
        first.send(world.invoke())
        second.send(world.invoke("churn", b"second"))
        await world.until(lambda: len(world.verified) == 2)
        first.writer.transport.abort()
        await asyncio.sleep(0.01)
        go_on.set()
        assert (await second.answer()).status == 200
        assert [seen.body for seen in replica.seen] == [b"second"]
        assert len(world.lookups) == 1

    play(scenario)


def test_an_answer_without_end_is_cut_off(play: "Play", monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        replica.reply = lambda _: head + b"3e9\r\n" + bytes(1001) + b"\r\n0\r\n\r\n"
        monkeypatch.setattr("clary.gateway.invoke_endpoint._ANSWER_LIMIT", 1000)
        answer = await (await world.client()).ask(world.invoke())
        assert answer.status == 424
        assert "(200) from primary and could not load the entire response body. See" in answer.body.decode()

    play(scenario)


def _runtime(world: "World") -> Any:
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=f"http://127.0.0.1:{world.port}",
        region_name="us-east-1",
        aws_access_key_id="AKIA",
        aws_secret_access_key="secret",
        config=botocore.config.Config(retries={"max_attempts": 1}),
    )


def test_botocore_invokes_and_reads_the_errors(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()

        def reply(seen: "Message") -> bytes:
            if seen.body == b"bad":
                return world.ok("nicht gültig".encode(), status="400 Bad Request")
            if seen.body == b"crash":
                return world.ok(b"boom", status="500 Internal Server Error")
            return world.ok(seen.body, "content-type: text/csv", "X-Amzn-SageMaker-Custom-Attributes: out")

        replica.reply = reply
        runtime = _runtime(world)

        def failure(body: bytes, endpoint: str = "churn") -> Any:
            with pytest.raises(botocore.exceptions.ClientError) as caught:
                runtime.invoke_endpoint(EndpointName=endpoint, Body=body)
            return caught.value

        def client() -> None:
            answer = runtime.invoke_endpoint(
                EndpointName="churn", Body=b"1,2", ContentType="text/csv", CustomAttributes="in"
            )
            assert answer["Body"].read() == b"1,2"
            assert answer["ContentType"] == "text/csv"
            assert answer["InvokedProductionVariant"] == "AllTraffic"
            assert answer["CustomAttributes"] == "out"
            assert answer["ResponseMetadata"]["RequestId"]

            error = failure(b"bad")
            assert isinstance(error, runtime.exceptions.ModelError)
            assert error.response["OriginalStatusCode"] == 400
            assert error.response["OriginalMessage"] == "nicht gültig"
            assert error.response["LogStreamArn"] == (
                "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/churn"
            )
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 424
            assert error.response["Error"]["Message"] == (
                'Received client error (400) from primary with message "nicht gültig". '
                "See /aws/sagemaker/Endpoints/churn in account 123456789012 for more information."
            )
            error = failure(b"crash")
            assert isinstance(error, runtime.exceptions.ModelError)
            assert error.response["Error"]["Message"].startswith(
                'Received server error (500) from primary with message "boom". See '
            )
            error = failure(b"", "你好")
            assert isinstance(error, runtime.exceptions.ValidationError)
            assert error.response["Error"]["Message"] == ("Endpoint 你好 of account 123456789012 not found.")

        await asyncio.to_thread(client)
        runtime.close()

    play(scenario)
