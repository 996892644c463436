"""Bodies: read from a request into a draft, with the checksums that were verified on the way."""

from collections.abc import Iterable, Iterator

from clary.core.checksum import ALGORITHMS, DEFAULT, Algorithm, encoded
from clary.core.exchange import Document, Source
from clary.services.s3.meta import CHECKSUMS
from clary.store.blobs import CHUNK, Draft


def wanted(params: Document) -> Algorithm:
    """Return the checksum to keep of an object where its client sends none."""
    return ALGORITHMS.get(params.get("ChecksumAlgorithm") or "", DEFAULT)


def receive(params: Document, draft: Draft, keep: Algorithm) -> Document:
    """Write ``params["Body"]`` into ``draft`` and return the checksums to keep with it.

    Reading to the end verifies what the client declared of the body, in headers or behind it, and raises
    ClaryError; from there on the body tells its checksums. ``keep`` is computed where the client sends none.
    """
    body = params.get("Body")
    said = {name: params[name] for name in CHECKSUMS if params.get(name)}
    promised: frozenset[str] = getattr(body, "promised", frozenset())
    if said or promised:
        for data in pieces(body):
            draft.write(data)
        return said | dict(getattr(body, "checksums", {}))
    return {keep.member: digest(_written(pieces(body), draft), keep)}


def digest(data: Iterable[bytes], algorithm: Algorithm) -> str:
    """Return the checksum of ``data`` as S3 spells it."""
    checksum = algorithm.begin()
    for piece in data:
        checksum.update(piece)
    return encoded(checksum)


def pieces(source: Source | None) -> Iterator[bytes]:
    """Yield all of a source."""
    while source is not None and (data := source.read(CHUNK)):
        yield data


def _written(data: Iterable[bytes], draft: Draft) -> Iterator[bytes]:
    for piece in data:
        draft.write(piece)
        yield piece
