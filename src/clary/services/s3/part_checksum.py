"""Checksums of multipart uploads: which one an upload keeps, and that of the whole made from its parts'."""

from collections.abc import Sequence

from clary.core.checksum import ALGORITHMS, DEFAULT, Algorithm
from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.services.s3 import errors
from clary.services.s3.meta import CHECKSUMS, TYPE
from clary.store.uploads import PartRow, UploadRow

ALGORITHM = "ChecksumAlgorithm"
COMPOSITE = "COMPOSITE"
FULL_OBJECT = "FULL_OBJECT"


def chosen(params: Document) -> Document:
    """Return algorithm and type that a new upload asks for; raises ClaryError where they do not match."""
    name = params.get(ALGORITHM)
    kind = params.get(TYPE)
    if not name:
        if kind:
            raise errors.invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            )
        return {}
    algorithm = known(name)
    usual = FULL_OBJECT if algorithm is DEFAULT else COMPOSITE
    only = FULL_OBJECT if algorithm is DEFAULT else COMPOSITE if algorithm.model is None else None
    if kind not in (None, only or kind):
        raise errors.invalid_request(
            f"The {kind} checksum type cannot be used with the {name.lower()} checksum algorithm."
        )
    return {ALGORITHM: name, TYPE: kind or usual}


def known(name: str) -> Algorithm:
    """Return the algorithm that a request asks for by name; raises InvalidRequest where there is none."""
    algorithm = ALGORITHMS.get(name)
    if algorithm is None:
        raise errors.invalid_request(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(sorted(ALGORITHMS))}]"
        )
    return algorithm


def of_upload(upload: UploadRow) -> Algorithm:
    """Return the algorithm whose checksums the parts of an upload have."""
    return ALGORITHMS.get(upload.meta.get(ALGORITHM, ""), DEFAULT)


def check_part(upload: UploadRow, checksums: Document) -> None:
    """Refuse a part whose client sends another checksum than the upload is of; raises InvalidRequest."""
    name = upload.meta.get(ALGORITHM)
    sent = [member for member in CHECKSUMS if member in checksums]
    if name and sent and f"Checksum{name}" not in sent:
        raise _other_type(name, sent[0])


def of_whole(upload: UploadRow, params: Document, parts: Sequence[PartRow]) -> Document:
    """Return the checksum of the object that ``parts`` become, and its type; nothing where a part has none.

    Raises BadDigest where the client of the completion has another one, and InvalidRequest for another kind.
    """
    kind = upload.meta.get(TYPE, FULL_OBJECT)
    if params.get(TYPE) not in (None, kind):
        raise errors.invalid_request(
            f"The upload was created using the {kind} checksum mode. The complete request must use the same "
            "checksum mode."
        )
    algorithm = _shared(upload, parts)
    found: Document = {}
    if algorithm is not None and kind == COMPOSITE:
        text = algorithm.composite(part.meta[algorithm.member] for part in parts)
        found = {algorithm.member: f"{text}-{len(parts)}", TYPE: kind}
    elif algorithm is not None:
        sums = [(part.meta[algorithm.member], part.size) for part in parts]
        found = {algorithm.member: algorithm.combined(sums), TYPE: kind}
    for member in CHECKSUMS:
        if params.get(member):
            _check(params[member], member, found, upload)
    return found


def _shared(upload: UploadRow, parts: Sequence[PartRow]) -> Algorithm | None:
    """Return the algorithm of which every part has the checksum; without one asked for, any that adds up."""
    asked = upload.meta.get(ALGORITHM)
    able = (DEFAULT, *(each for each in ALGORITHMS.values() if each.model is not None))
    for algorithm in (ALGORITHMS[asked],) if asked else able:
        if all(algorithm.member in part.meta for part in parts):
            return algorithm
    return None


def _check(text: str, member: str, found: Document, upload: UploadRow) -> None:
    if member not in found:
        raise _other_type(upload.meta.get(ALGORITHM, "null"), member)
    if text.partition("-")[0] != found[member].partition("-")[0]:
        name = member.removeprefix("Checksum")
        raise ClaryError("BadDigest", f"The {name} you specified did not match the calculated checksum.")


def _other_type(expected: str, member: str) -> ClaryError:
    actual = member.removeprefix("Checksum").lower()
    return errors.invalid_request(
        f"Checksum Type mismatch occurred, expected checksum Type: {expected.lower()}, "
        f"actual checksum Type: {actual}"
    )
