"""InvokeEndpointWithResponseStream: the model's answer is passed on in events as it arrives."""

import json

from clary.core import event_stream
from clary.gateway.heads import returned
from clary.gateway.invocation import Invocation
from clary.gateway.message import LAST_CHUNK, Lines, chunk, joined
from clary.gateway.pool import Pool
from clary.gateway.upstream import Call, UpstreamError

_MESSAGE_LIMIT = 64 * 1024
_PART = event_stream.event("PayloadPart", "application/octet-stream")
_FAILURE = event_stream.exception("ModelStreamError")
_CONTENT_TYPE = b"x-amzn-sagemaker-content-type: "
_ACCEPT = "x-amzn-sagemaker-accept"


class InvokeEndpointWithResponseStream(Invocation):
    """The exchange behind InvokeEndpointWithResponseStream.

    What goes wrong before the model's answer begins is an ordinary error, what goes wrong later an event.
    """

    _streaming = False
    _status = 0

    def expire(self) -> None:
        """End the stream of a model that has fallen silent."""
        if not self._streaming:
            super().expire()
            return
        self.cancel()
        seconds = f"{self.patience:g}"
        self._break("ModelInvocationTimeExceeded", f"The model sent nothing for {seconds} seconds.", 504)

    def hold(self) -> None:
        """Read no more of the answer."""
        if self._call is not None:
            self._call.pause()

    def resume(self) -> None:
        """Read more of the answer."""
        if self._call is not None:
            self._call.resume()

    def answer_head(self, status: int, reason: bytes, lines: Lines) -> None:  # noqa: ARG002
        """Begin the stream, unless the model refused or failed."""
        self._status = status
        if not 200 <= status < 300:
            return
        self._streaming = True
        request = self._request
        if request.http10:
            request.keep_alive = False
        framing = b"" if request.http10 else b"transfer-encoding: chunked\r\n"
        self._door.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\n%s%s%s%s\r\n"
            % (
                event_stream.MEDIA_TYPE.encode(),
                joined([_renamed(line) for line in lines if returned(line)]),
                self._variant.line,
                framing,
                self._identification(),
            )
        )

    def answer_data(self, data: bytes) -> None:
        """Pass a piece of the answer on; keep one of an error's text."""
        if self._streaming:
            self._send(_PART.frame(data))
        elif self._size <= _MESSAGE_LIMIT:
            self._pieces.append(data)
            self._size += len(data)

    def answer_end(self) -> None:
        """End the stream, or say what the model said instead of beginning one."""
        self._call = None
        if self._streaming:
            self._end(self._status)
            return
        text = b"".join(self._pieces).decode("utf-8", "replace") if self._size <= _MESSAGE_LIMIT else None
        self._blame_model(self._status, text, metered_as=self._status)

    def answer_whole(self, status: int, reason: bytes, lines: Lines, body: bytes) -> None:
        """Give a whole answer as a stream of one part."""
        self.answer_head(status, reason, lines)
        if body:
            self.answer_data(body)
        self.answer_end()

    def answer_failed(self, error: UpstreamError) -> None:
        """Try another replica while nothing was answered; later the stream ends with what happened."""
        self._call = None
        if self._streaming:
            self._break(
                "StreamBroken", "The container closed the connection before its answer was complete.", 503
            )
        else:
            super().answer_failed(error)

    def _passing(self) -> dict[str, str]:
        """Return what the model may know; the operation has a header of its own for what is accepted."""
        fields = dict(self._request.fields)
        fields.pop("accept", None)
        if _ACCEPT in fields:
            fields["accept"] = fields.pop(_ACCEPT)
        return fields

    def _start(self, pool: Pool) -> Call:
        """Take a connection that is no one else's: the client may read slowly."""
        return pool.call(self._order, self, complete=True)

    def _send(self, frame: bytes) -> None:
        self._door.write(frame if self._request.http10 else chunk(frame))

    def _break(self, code: str, message: str, metered_as: int) -> None:
        self._send(_FAILURE.frame(json.dumps({"Message": message, "ErrorCode": code}).encode()))
        self._end(metered_as)

    def _end(self, metered_as: int) -> None:
        self._over = True
        if not self._request.http10:
            self._door.write(LAST_CHUNK)
        self._door.finish()
        self._meter(metered_as)


def _renamed(line: bytes) -> bytes:
    """Return a model's header as the client gets it, whose own content type is that of the stream."""
    name, _, value = line.partition(b": ")
    return _CONTENT_TYPE + value if name.lower() == b"content-type" else line
