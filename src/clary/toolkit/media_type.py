"""Media types: the value of a Content-Type header, and the choice an Accept header asks for."""

from dataclasses import dataclass, field
from functools import lru_cache

from clary.toolkit.errors import ClientError

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
RECORDIO = "application/x-recordio-protobuf"
PARQUET = "application/x-parquet"
LIBSVM = "text/libsvm"
NPY = "application/x-npy"
IMAGE = "application/x-image"
IMAGE_RECORDS = "application/x-recordio"
JPEG = "image/jpeg"
PNG = "image/png"

_ALIASES = {
    "application/jsonlines": JSON_LINES,
    "application/json-lines": JSON_LINES,
    "application/x-jsonlines": JSON_LINES,
    "csv": CSV,
    "libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM,
    "parquet": PARQUET,
}


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type: its ``name`` in lower case and its parameters."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)

    def asks(self, name: str) -> bool:
        """Tell whether a parameter is there, alone or as true: ``application/json; verbose``."""
        return self.parameters.get(name, "false").lower() != "false"


@lru_cache(maxsize=256)
def parse(text: str) -> MediaType:
    """Take ``text/csv; label_size=0`` apart."""
    name, *parts = (part.strip() for part in text.split(";"))
    pairs = ((part if "=" in part else f"{part}=true").partition("=") for part in parts if part)
    lowered = name.lower()
    return MediaType(
        _ALIASES.get(lowered, lowered),
        {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs},
    )


@lru_cache(maxsize=256)
def negotiate(accept: str, offered: tuple[str, ...]) -> MediaType:
    """Return the first of ``offered`` that the Accept header allows, in the header's own order.

    It has the parameters that the header gives it. An empty header or ``*/*`` takes the first offered. Raises
    ClientError with status 406 when nothing fits.
    """
    for wanted in [parse(part) for part in accept.split(",") if part.strip()] or [MediaType("*/*")]:
        for name in offered:
            if wanted.name in ("*/*", name) or (
                wanted.name.endswith("/*") and name.startswith(wanted.name[:-1])
            ):
                return MediaType(name, wanted.parameters)
    raise ClientError(
        f"Accept type {accept!r} is not supported; this model answers {', '.join(offered)}.", 406
    )
