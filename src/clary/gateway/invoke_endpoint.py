"""InvokeEndpoint: the model's answer is collected and given in one piece."""

from clary.gateway.invocation import Invocation
from clary.gateway.message import Lines
from clary.gateway.native import heads

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
        self.answer_whole(self._status, b"", self._lines, b"".join(self._pieces))

    def answer_whole(self, status: int, reason: bytes, lines: Lines, body: bytes) -> None:  # noqa: ARG002
        """Answer the client; the model's reason phrase goes nowhere."""
        self._call = None
        if not 200 <= status < 300:
            text = body.decode("utf-8", "replace") if len(body) <= _MESSAGE_LIMIT else None
            self._blame_model(status, text, metered_as=status)
            return
        self._answer(heads.reply(lines, self._variant.line + self._identification(), body))
        self._meter(status)
