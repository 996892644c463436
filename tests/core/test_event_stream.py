"""Frames are what botocore's own reader takes, however their bytes arrive."""

import json

from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from clary.core import event_stream

NAMES = st.text(min_size=1, max_size=40)
HEADERS = st.dictionaries(NAMES, st.text(max_size=300), max_size=5)


@given(HEADERS, st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(1, 50))
def test_botocore_reads_what_was_framed(headers: dict[str, str], payloads: list[bytes], step: int) -> None:
    made = event_stream.Event(headers)
    data = b"".join(made.frame(payload) for payload in payloads)
    buffer = EventStreamBuffer()
    read = []
    for start in range(0, len(data), step):
        buffer.add_data(data[start : start + step])
        read += [(message.headers, message.payload) for message in buffer]
    assert read == [(headers, payload) for payload in payloads]


def _response(data: bytes) -> dict[str, object]:
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return dict(next(iter(buffer)).to_response_dict())


def test_an_event_and_an_exception_are_told_apart() -> None:
    part = _response(event_stream.event("PayloadPart", "application/octet-stream").frame(b"x"))
    assert part["status_code"] == 200
    assert part["headers"] == {
        ":message-type": "event",
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
    }
    failure = event_stream.exception("ModelStreamError").frame(json.dumps({"Message": "m"}).encode())
    assert _response(failure)["status_code"] == 400
