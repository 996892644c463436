"""Image records give back image and labels, as MXNet lays them out."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit.errors import ClientError
from clary.toolkit.formats import image_record

LABELS = st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=9)


@given(st.binary(max_size=50), LABELS)
def test_what_is_packed_is_unpacked(data: bytes, labels: list[float]) -> None:
    image, found = image_record.unpack(image_record.pack(data, np.array(labels, np.float32), 7), "record 1")
    assert image.data == data
    assert found.tolist() == labels


def test_the_layout_is_mxnets() -> None:
    one = struct.pack("<IfQQ", 0, 3.0, 12, 0) + b"jpeg"
    several = struct.pack("<IfQQ", 2, 0.0, 12, 0) + struct.pack("<ff", 4, 5) + b"jpeg"
    assert image_record.pack(b"jpeg", np.array([3], np.float32), 12) == one
    assert image_record.pack(b"jpeg", np.array([4, 5], np.float32), 12) == several


@pytest.mark.parametrize("payload", [b"short", struct.pack("<IfQQ", 9, 0, 0, 0) + b"too few"])
def test_what_is_no_image_record_is_named(payload: bytes) -> None:
    with pytest.raises(ClientError, match=r"a\.rec, record 2 is no image record"):
        image_record.unpack(payload, "a.rec, record 2")
