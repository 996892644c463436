"""The gateway's way through a plain message in C, in place of the one in Python where it was compiled.

That is done when the package is installed where there are a C compiler and Python's headers (see
``compilation``). Everything works without, slower.
"""

from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Protocol, cast

from clary.gateway import heads as interpreted
from clary.gateway.message import Lines
from clary.gateway.native.compilation import MODULE, library


class Heads(Protocol):
    """What ``clary.gateway.heads`` and its likeness in C offer; what each function does is told there."""

    def request(self, data: bytes, /) -> tuple[bytes, bytes, dict[str, str], bytes] | None:
        """Read a request."""
        ...

    def answer(self, data: bytes, /) -> tuple[int, bytes, Lines, bytes, bytes] | None:
        """Read a response."""
        ...

    def order(self, fields: dict[str, str], body: bytes, /) -> bytes:
        """Write a request."""
        ...

    def reply(self, lines: Lines, said: bytes, body: bytes, /) -> bytes:
        """Write a response."""
        ...


def _load() -> Heads | None:
    path = library()
    if not path.exists():
        return None
    loader = ExtensionFileLoader(MODULE, str(path))
    spec = spec_from_loader(MODULE, loader)
    if spec is None:
        return None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return cast("Heads", module)


compiled: Heads | None = _load()
"""The functions in C, None where this installation has none."""

heads: Heads = compiled or interpreted
