"""Tests of InvokeEndpointWithResponseStream, read by botocore and, where timing matters, frame by frame."""

import asyncio
from typing import TYPE_CHECKING, Any

import boto3
import botocore.config
import botocore.exceptions
import pytest
from botocore.eventstream import EventStreamBuffer

from clary.gateway.lobby import Limits

if TYPE_CHECKING:
    from tests.gateway.conftest import Client, Play, World

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\nx-amzn-sagemaker-custom-attributes: out\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


def _runtime(world: "World") -> Any:
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=f"http://127.0.0.1:{world.port}",
        region_name="us-east-1",
        aws_access_key_id="AKIA",
        aws_secret_access_key="secret",
        config=botocore.config.Config(retries={"max_attempts": 1}),
    )


def _parts(answer: Any) -> bytes:
    return b"".join(event["PayloadPart"]["Bytes"] for event in answer["Body"])


async def _stream(world: "World", client: "Client", body: bytes = b"1", *lines: str) -> None:
    client.send(world.post("/endpoints/churn/invocations-response-stream", body, *lines))
    head = await world.read_head(client.reader)
    assert head.status == 200, head
    assert head.headers["content-type"] == "application/vnd.amazon.eventstream"


async def _event(client: "Client") -> tuple[str, bytes]:
    """Read one frame, which is one chunk, and tell its type and payload."""
    size = int(await client.reader.readuntil(b"\r\n"), 16)
    data = (await client.reader.readexactly(size + 2))[:-2]
    if not size:
        return "end", b""
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    (message,) = list(buffer)
    return message.headers.get(":event-type") or message.headers[":exception-type"], message.payload


def test_botocore_reads_the_parts_and_what_comes_with_them(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        replica.reply = lambda seen: CHUNKED + b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
        runtime = _runtime(world)

        def client() -> None:
            answer = runtime.invoke_endpoint_with_response_stream(
                EndpointName="churn",
                Body=b"1,2",
                ContentType="text/csv",
                Accept="application/jsonlines",
                CustomAttributes="in",
                InferenceId="mine",
            )
            assert answer["ContentType"] == "text/csv"
            assert answer["CustomAttributes"] == "out"
            assert answer["InvokedProductionVariant"] == "AllTraffic"
            assert answer["ResponseMetadata"]["RequestId"]
            assert _parts(answer) == b"onetwo"

        await asyncio.to_thread(client)
        (seen,) = replica.seen
        assert seen.start == "POST /invocations HTTP/1.1"
        assert seen.body == b"1,2"
        assert seen.headers["accept"] == "application/jsonlines"
        assert seen.headers["content-type"] == "text/csv"
        assert seen.headers["x-amzn-sagemaker-custom-attributes"] == "in"
        assert seen.headers["x-amzn-sagemaker-inference-id"] == "mine"
        assert [metered[:3] for metered in world.metered] == [("churn", "AllTraffic", 200)]
        runtime.close()

    play(scenario)


def test_an_answer_in_one_piece_is_one_part_and_errors_before_it_are_ordinary(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        replica.reply = lambda seen: (
            world.ok(b"no", status="400 Bad Request") if seen.body == b"bad" else world.ok(b"whole")
        )
        runtime = _runtime(world)

        def ask(body: bytes, endpoint: str = "churn") -> Any:
            return runtime.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=body)

        def client() -> None:
            assert _parts(ask(b"good")) == b"whole"
            with pytest.raises(runtime.exceptions.ModelError) as caught:
                ask(b"bad")
            assert caught.value.response["OriginalStatusCode"] == 400
            assert caught.value.response["OriginalMessage"] == "no"
            with pytest.raises(runtime.exceptions.ValidationError, match="not found"):
                ask(b"", "nobody")

        await asyncio.to_thread(client)
        assert [metered[2] for metered in world.metered] == [200, 400]
        runtime.close()

    play(scenario)


def test_a_part_arrives_before_the_next_is_made_and_the_connection_is_kept(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        go_on = asyncio.Event()

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                message = await world.read_head(reader)
                await world.read_body(reader, message)
                writer.write(CHUNKED + b"5\r\nfirst\r\n")
                await go_on.wait()
                writer.write(b"4\r\nlast\r\n0\r\n\r\n")

        replica.handler = handler
        client = await world.client()
        for _ in range(2):
            await _stream(world, client)
            assert await _event(client) == ("PayloadPart", b"first")
            go_on.set()
            assert await _event(client) == ("PayloadPart", b"last")
            assert await _event(client) == ("end", b"")
            go_on.clear()
        assert replica.connections == 1

    play(scenario)


def test_a_model_that_breaks_off_ends_the_stream_with_an_error(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            message = await world.read_head(reader)
            await world.read_body(reader, message)
            writer.write(CHUNKED + b"5\r\nfirst\r\n")
            await writer.drain()

        replica.handler = handler
        runtime = _runtime(world)

        def client() -> None:
            answer = runtime.invoke_endpoint_with_response_stream(EndpointName="churn", Body=b"1")
            events = iter(answer["Body"])
            assert next(events) == {"PayloadPart": {"Bytes": b"first"}}
            with pytest.raises(botocore.exceptions.EventStreamError) as caught:
                next(events)
            assert caught.value.response["Error"]["Code"] == "ModelStreamError"
            assert "closed the connection" in caught.value.response["Error"]["Message"]
            answer["Body"].close()

        await asyncio.to_thread(client)
        assert [metered[2] for metered in world.metered] == [503]
        runtime.close()

    play(scenario)


def test_a_model_that_falls_silent_ends_the_stream_with_an_error(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        replica.reply = lambda _: CHUNKED + b"5\r\nfirst\r\n"
        client = await world.client()
        await _stream(world, client)
        assert await _event(client) == ("PayloadPart", b"first")
        kind, payload = await _event(client)
        assert kind == "ModelStreamError"
        assert b"ModelInvocationTimeExceeded" in payload
        assert await _event(client) == ("end", b"")
        assert [metered[2] for metered in world.metered] == [504]

    play(scenario, Limits(model=0.2))


def test_a_model_that_never_answers_is_an_ordinary_error(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        replica.reply = lambda _: b""
        client = await world.client()
        answer = await client.ask(world.post("/endpoints/churn/invocations-response-stream", b"1"))
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (424, "ModelError")

    play(scenario, Limits(model=0.2))


def test_a_model_is_not_read_faster_than_its_client_reads(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        sent = 0
        total = 64

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            message = await world.read_head(reader)
            await world.read_body(reader, message)
            writer.write(CHUNKED)
            piece = bytes(1024 * 1024)
            for _ in range(total):
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
                sent += 1
            writer.write(b"0\r\n\r\n")

        replica.handler = handler
        client = await world.client()
        await _stream(world, client)
        before = -1
        while before != sent:  # until nothing moves any more
            before = sent
            await asyncio.sleep(0.1)
        assert sent < total
        size = 0
        while (event := await _event(client))[0] != "end":
            size += len(event[1])
        assert size == total * 1024 * 1024

    play(scenario)


def test_an_old_client_gets_frames_until_the_connection_closes(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        await world.churn()
        client = await world.client()
        client.send(
            b"POST /endpoints/churn/invocations-response-stream HTTP/1.0\r\ncontent-length: 1\r\n\r\n1"
        )
        await world.read_head(client.reader)
        buffer = EventStreamBuffer()
        buffer.add_data(await client.reader.read())
        assert [message.payload for message in buffer] == [b"fine"]

    play(scenario)


def test_a_client_that_leaves_takes_the_stream_along(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        gone = asyncio.Event()

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            message = await world.read_head(reader)
            await world.read_body(reader, message)
            writer.write(CHUNKED + b"5\r\nfirst\r\n")
            assert await reader.read() == b""
            gone.set()

        replica.handler = handler
        client = await world.client()
        await _stream(world, client)
        assert await _event(client) == ("PayloadPart", b"first")
        client.writer.transport.abort()
        async with asyncio.timeout(5):
            await gone.wait()

    play(scenario)
