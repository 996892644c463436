"""Messages: framed JSON over a stream that may end anywhere."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.compute import message


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.none() | st.text()), max_size=3))
def test_messages_come_out_as_they_went_in(documents: list[dict[str, object]]) -> None:
    near, far = socket.socketpair()
    with far:
        with near:
            for document in documents:
                message.send(near, document)
        assert [message.receive(far) for _ in documents] == documents
        assert message.receive(far) is None


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0\0\0\x09{"])
def test_a_message_that_was_cut_off_is_none(data: bytes) -> None:
    near, far = socket.socketpair()
    with far:
        with near:
            near.sendall(data)
        assert message.receive(far) is None
