"""Checksums: the check values of their catalogues, in pieces, and of a whole from its parts."""

import base64
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.core.checksum import ALGORITHMS, Algorithm, encoded

CHECK = b"123456789"
VALUES = {
    "CRC32": zlib.crc32(CHECK).to_bytes(4, "big"),
    "CRC32C": bytes.fromhex("e3069283"),
    "CRC64NVME": bytes.fromhex("ae8b14860a799888"),
    "SHA1": hashlib.sha1(CHECK).digest(),
    "SHA256": hashlib.sha256(CHECK).digest(),
    "SHA512": hashlib.sha512(CHECK).digest(),
    "MD5": hashlib.md5(CHECK).digest(),
    "XXHASH64": bytes.fromhex("8cb841db40e6ae83"),
    "XXHASH3": bytes.fromhex("72dcb18b67a17dff"),
    "XXHASH128": bytes.fromhex("33119477ede5dcd5e9716427681d5860"),
}
CYCLIC = [algorithm for algorithm in ALGORITHMS.values() if algorithm.model is not None]


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
def test_the_check_value_is_the_catalogues(algorithm: Algorithm) -> None:
    text = algorithm.of(CHECK)
    assert base64.b64decode(text) == VALUES[algorithm.name]
    assert algorithm.accepts(text)
    assert not algorithm.accepts(text[:-4])
    assert not algorithm.accepts("ä")
    assert (algorithm.header, algorithm.member) == (
        f"x-amz-checksum-{algorithm.name.lower()}",
        f"Checksum{algorithm.name}",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XXHASH64", "ef46db3751d8e999"),
        ("XXHASH3", "2d06800538d394c2"),
        ("XXHASH128", "99aa06d3014798d86001c324468d497f"),
    ],
)
def test_an_xxhash_has_no_seed_and_its_canonical_byte_order(name: str, value: str) -> None:
    assert base64.b64decode(ALGORITHMS[name].of(b"")) == bytes.fromhex(value)


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
@given(pieces=st.lists(st.binary(max_size=9), max_size=5))
def test_pieces_are_as_good_as_the_whole(algorithm: Algorithm, pieces: list[bytes]) -> None:
    checksum = algorithm.begin()
    for piece in pieces:
        checksum.update(piece)
    assert encoded(checksum) == algorithm.of(b"".join(pieces))


@pytest.mark.parametrize("algorithm", CYCLIC, ids=lambda algorithm: algorithm.name)
@given(pieces=st.lists(st.binary(max_size=9), min_size=1, max_size=5))
def test_that_of_a_whole_follows_from_its_parts(algorithm: Algorithm, pieces: list[bytes]) -> None:
    parts = [(algorithm.of(piece), len(piece)) for piece in pieces]
    assert algorithm.combined(parts) == algorithm.of(b"".join(pieces))


def test_a_digest_of_a_whole_does_not_follow_from_its_parts() -> None:
    with pytest.raises(ValueError, match="SHA256"):
        ALGORITHMS["SHA256"].combined([])


def test_a_composite_is_the_checksum_of_checksums() -> None:
    algorithm = ALGORITHMS["SHA1"]
    digests = hashlib.sha1(b"a").digest() + hashlib.sha1(b"b").digest()
    parts = [algorithm.of(b"a"), algorithm.of(b"b")]
    assert algorithm.composite(parts) == base64.b64encode(hashlib.sha1(digests).digest()).decode()
