"""Bodies: read from a request into a draft, with the checksums that were verified on the way."""

from clary.core.exchange import Document
from clary.services.s3.meta import CHECKSUMS
from clary.store.blobs import CHUNK, Draft


def receive(params: Document, draft: Draft) -> Document:
    """Write ``params["Body"]`` into ``draft`` and return the checksums to keep with it.

    Reading to the end verifies what the client declared of the body, in headers or behind it, and raises
    ClaryError; from there on the body tells its checksums.
    """
    body = params.get("Body")
    if body is None:
        return {}
    while data := body.read(CHUNK):
        draft.write(data)
    said = {name: params[name] for name in CHECKSUMS if params.get(name)}
    return said | dict(getattr(body, "checksums", {}))
