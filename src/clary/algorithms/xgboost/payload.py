"""The rows of a request, as SageMaker's container reads them."""

from clary.toolkit import media_type
from clary.toolkit.batch import Batch
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import DECODERS, csv


def decoded(body: bytes, kind: str) -> Batch:
    """Return the rows of a body of the media type ``kind``; raises ClientError (415) where it is malformed.

    Cells of CSV may be empty: their values are missing. Lines of libsvm may begin with a label or not.
    """
    try:
        if kind == media_type.CSV:
            return csv.decode(body, missing=True)
        return DECODERS[kind](body)
    except ClientError as error:
        raise ClientError(f"Loading {kind} data failed: {error}", 415) from error
