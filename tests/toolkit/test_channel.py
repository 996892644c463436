"""A channel finds its files and reads them as their content type says."""

from pathlib import Path

import numpy as np
import pytest

from clary.toolkit import media_type
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import recordio

ACCEPTS = (media_type.RECORDIO, media_type.CSV)


def test_nested_files_are_read_in_order_and_manifests_are_not(tmp_path: Path) -> None:
    for name in ("b", "a/c", ".hidden", ".folder/d", ".amazon.manifest", "x.manifest"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    files = Channel("train", tmp_path).files()
    assert [str(path.relative_to(tmp_path)) for path in files] == ["a/c", "b"]


def test_an_empty_channel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="Channel 'train' holds no files"):
        Channel("train", tmp_path).files()


@pytest.mark.parametrize("content_type", [None, "application/x-recordio-protobuf"])
def test_recordio_is_read_and_recognised(tmp_path: Path, content_type: str | None) -> None:
    (tmp_path / "data").write_bytes(recordio.write(np.ones((2, 3), np.float32)))
    (batch,) = Channel("train", tmp_path, content_type).batches(ACCEPTS)
    assert batch.features.shape == (2, 3)


@pytest.mark.parametrize("content_type", [None, "text/csv", "text/csv;label_size=1"])
def test_csv_is_read_and_taken_for_granted(tmp_path: Path, content_type: str | None) -> None:
    (tmp_path / "data").write_text("1,2,3\n")
    (batch,) = Channel("train", tmp_path, content_type).batches(ACCEPTS)
    assert batch.features.shape == (1, 2)


def test_other_content_types_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("1 1:2")
    with pytest.raises(
        ClientError, match=r"'text/libsvm' of channel 'train'.*application/x-recordio-protobuf"
    ):
        list(Channel("train", tmp_path, "text/libsvm").batches(ACCEPTS))
