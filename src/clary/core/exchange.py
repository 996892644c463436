"""What passes between the wire and a service: who asks, what is asked, what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

Document = dict[str, Any]
"""A value in the API's own spelling: CamelCase keys, as the botocore shape has them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity a request was signed with."""

    account: str
    access_key: str
    arn: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a service may know of a request besides its parameters."""

    request_id: str
    service: str
    operation: str
    region: str
    caller: Caller
    user_agent: str = ""

    @property
    def account(self) -> str:
        """The account the request acts in."""
        return self.caller.account


class Source(Protocol):
    """A request body that is read as it arrives; ``read`` returns b"" at its end and may block."""

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, or all that is left."""
        ...


@dataclass(frozen=True, slots=True)
class FileSlice:
    """A response body that lies in a file and is sent from there without passing through memory."""

    path: Path
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A service's answer: ``output`` follows the operation's output shape.

    ``status`` overrides the modelled HTTP status (206 for a range). ``headers`` are extra response headers.
    ``hold`` names a resource row whose next change a waiting client wants to hear of: the wire may keep the
    answer back until then and ask again (see ``engine.hold``).
    """

    output: Document = field(default_factory=dict)
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hold: str | None = None


class Service(Protocol):
    """What an AWS service means. Called in a worker thread; raises ``ClaryError``."""

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation`` with ``params`` and return its answer."""
        ...
