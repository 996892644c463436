"""Media types: the value of a Content-Type header, and the choice an Accept header asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from clary.toolkit.errors import ClientError

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
RECORDIO = "application/x-recordio-protobuf"
PARQUET = "application/x-parquet"

_ALIASES = {
    "application/jsonlines": JSON_LINES,
    "application/json-lines": JSON_LINES,
    "application/x-jsonlines": JSON_LINES,
    "csv": CSV,
    "parquet": PARQUET,
}


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type: its ``name`` in lower case and its parameters."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=256)
def parse(text: str) -> MediaType:
    """Take ``text/csv; label_size=0`` apart."""
    name, *parts = (part.strip() for part in text.split(";"))
    pairs = (part.partition("=") for part in parts if part)
    lowered = name.lower()
    return MediaType(
        _ALIASES.get(lowered, lowered),
        {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs},
    )


@lru_cache(maxsize=256)
def negotiate(accept: str, offered: Sequence[str]) -> str:
    """Return the first of ``offered`` (a tuple) that the Accept header allows, in the header's own order.

    An empty header or ``*/*`` takes the first offered. Raises ClientError with status 406 when nothing fits.
    """
    wanted = [parse(part).name for part in accept.split(",") if part.strip()] or ["*/*"]
    for name in wanted:
        for candidate in offered:
            if name in ("*/*", candidate) or (name.endswith("/*") and candidate.startswith(name[:-1])):
                return candidate
    raise ClientError(
        f"Accept type {accept!r} is not supported; this model answers {', '.join(offered)}.", 406
    )
