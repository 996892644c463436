"""InvokeEndpoint: the model's answer is collected and given in one piece."""

from clary.gateway.invocation import Invocation, returned
from clary.gateway.message import Lines, joined

_ANSWER_LIMIT = 32 * 1024 * 1024
_MESSAGE_LIMIT = 64 * 1024


class InvokeEndpoint(Invocation):
    """The exchange behind InvokeEndpoint."""

    def answer_head(self, status: int, reason: bytes, lines: Lines) -> None:  # noqa: ARG002
        """Keep the head of the answer."""
        self._status = status
        self._lines = lines

    def answer_data(self, data: bytes) -> None:
        """Keep a piece of the answer."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size > _ANSWER_LIMIT:
            self.cancel()
            self._blame_model(self._status, None, metered_as=self._status)

    def answer_end(self) -> None:
        """Answer the client."""
        self._call = None
        pieces, status = self._pieces, self._status
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if not 200 <= status < 300:
            text = body.decode("utf-8", "replace") if len(body) <= _MESSAGE_LIMIT else None
            self._blame_model(status, text, metered_as=status)
            return
        lines = [line for line in self._lines if returned(line)]
        self._answer(
            b"HTTP/1.1 200 OK\r\n%sx-amzn-invoked-production-variant: %s\r\n%scontent-length: %d\r\n\r\n%s"
            % (joined(lines), self._variant.name.encode(), self._identification(), len(body), body)
        )
        self._meter(status)
