"""Bodies: written into drafts, with the checksum that the client sends or one of our own."""

import io

from clary.core.checksum import ALGORITHMS, DEFAULT
from clary.services.s3.body import digest, pieces, receive, wanted
from clary.store.objects import Objects


class Promising(io.BytesIO):
    """A body that says at its end what its checksum was, as one with a trailer does."""

    promised = frozenset({"ChecksumSHA1"})
    checksums = {"ChecksumSHA1": "sum"}  # noqa: RUF012


def test_a_body_is_written_with_the_checksum_that_came_with_it(objects: Objects) -> None:
    for params, expected in (
        ({"Body": io.BytesIO(b"bytes"), "ChecksumCRC32": "sum"}, {"ChecksumCRC32": "sum"}),
        ({"Body": Promising(b"bytes")}, {"ChecksumSHA1": "sum"}),
        ({"Body": io.BytesIO(b"bytes")}, {"ChecksumCRC64NVME": DEFAULT.of(b"bytes")}),
    ):
        with objects.draft() as draft:
            assert receive(params, draft, DEFAULT) == expected
            assert (draft.size, draft.path.read_bytes()) == (5, b"bytes")


def test_no_body_is_an_empty_one(objects: Objects) -> None:
    with objects.draft() as draft:
        assert receive({}, draft, ALGORITHMS["SHA1"]) == {"ChecksumSHA1": ALGORITHMS["SHA1"].of(b"")}
        assert draft.size == 0


def test_the_checksum_kept_is_the_one_asked_for() -> None:
    assert wanted({"ChecksumAlgorithm": "SHA256"}) is ALGORITHMS["SHA256"]
    assert wanted({}) is DEFAULT


def test_a_digest_is_of_all_pieces() -> None:
    assert digest(pieces(io.BytesIO(b"ab")), DEFAULT) == digest([b"a", b"b"], DEFAULT) == DEFAULT.of(b"ab")
