"""Images come with their labels from folders, lists, records, annotations, masks and manifests."""

import json
from pathlib import Path

import numpy as np
import pytest

from clary.toolkit import pictures
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import image_record
from clary.toolkit.frame import framed

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def channel(folder: Path, files: dict[str, bytes], content_type: str = "application/x-image") -> Channel:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return Channel(folder.name, folder, content_type)


def manifest(folder: Path, *payloads: bytes) -> Channel:
    (folder / "train_0").write_bytes(b"".join(map(framed, payloads)))
    return Channel("train", folder / "train", "application/x-recordio", pipe=True, wrapped=True)


def test_classes_are_folders(tmp_path: Path) -> None:
    train = channel(
        tmp_path / "train",
        {"dog/1.jpg": JPEG, "cat/deep/2.PNG": PNG, "cat/notes.txt": b"", "ant/3.jpeg": b"3"},
    )
    assert pictures.classes(train) == ["ant", "cat", "dog"]
    found = {(image.name, image.data, *labels.tolist()) for image, labels in pictures.labelled(train)}
    assert found == {("3.jpeg", b"3", 0), ("2.PNG", PNG, 1), ("1.jpg", JPEG, 2)}


def test_an_image_without_a_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match=r"1\.jpg of channel 'train' has no class: .*'train_lst'"):
        list(pictures.labelled(channel(tmp_path / "train", {"1.jpg": JPEG})))
    with pytest.raises(ClientError, match=r"Channel 'other' has no files that end in \.jpeg, \.jpg, \.png"):
        list(pictures.labelled(channel(tmp_path / "other", {"1.gif": b""})))


def test_lists_tell_labels(tmp_path: Path) -> None:
    train = channel(tmp_path / "train", {"a/1.jpg": JPEG, "2.png": PNG, "3.png": b"not listed"})
    lists = channel(tmp_path / "train_lst", {"train.lst": b"0\t3\ta/1.jpg\n\n1\t[0, 1]\t2.png\n"})
    found = [(image.data, labels.tolist()) for image, labels in pictures.labelled(train, lists)]
    assert found == [(JPEG, [3]), (PNG, [0, 1])]


def test_a_list_that_names_no_file_is_refused_by_its_line(tmp_path: Path) -> None:
    train = channel(tmp_path / "train", {"1.jpg": JPEG})
    lists = channel(tmp_path / "train_lst", {"train.lst": b"0\t3\t1.jpg\n1\t1\t2.jpg\n"})
    with pytest.raises(ClientError, match=r"train\.lst, line 2: channel 'train' has no file '2\.jpg'"):
        list(pictures.labelled(train, lists))


@pytest.mark.parametrize("pipe", [False, True])
def test_records_hold_images_and_labels(tmp_path: Path, pipe: bool) -> None:
    records = [image_record.pack(PNG + bytes([n]), np.arange(1 + n, dtype=np.float32)) for n in range(3)]
    content = b"".join(map(framed, records))
    train = channel(
        tmp_path / "train", {"train.rec": content, "train.idx": b"0\t0\n"}, "application/x-recordio"
    )
    if pipe:
        (tmp_path / "train_0").write_bytes(content)
        train = Channel("train", tmp_path / "train", "application/x-recordio", pipe=True)
    found = [(image.data, labels.tolist()) for image, labels in pictures.labelled(train)]
    assert found == [(PNG + b"\0", [0]), (PNG + b"\1", [0, 1]), (PNG + b"\2", [0, 1, 2])]


def test_manifests_bring_image_and_label_in_turn(tmp_path: Path) -> None:
    train = manifest(tmp_path, PNG, b"1", JPEG, b"[0, 1]")
    found = [(image.data, labels.tolist()) for image, labels in pictures.labelled(train)]
    assert found == [(PNG, [1]), (JPEG, [0, 1])]
    with pytest.raises(ClientError, match="train_0, record 3 has no label: AttributeNames"):
        list(pictures.labelled(manifest(tmp_path, PNG, b"1", PNG)))


def test_annotations_are_json_of_the_same_name(tmp_path: Path) -> None:
    train = channel(tmp_path / "train", {"a/1.jpg": JPEG, "2.png": PNG})
    notes = channel(tmp_path / "train_annotation", {"a/1.json": b'{"file": "1.jpg"}', "2.json": b"{}"})
    assert {(image.data, json.dumps(note)) for image, note in pictures.annotated(train, notes)} == {
        (JPEG, '{"file": "1.jpg"}'),
        (PNG, "{}"),
    }
    streamed = manifest(tmp_path, PNG, b'{"annotations": []}')
    assert [note for _, note in pictures.annotated(streamed, None)] == [{"annotations": []}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("3.json", b"{}", r"3\.json of channel 'train_annotation' has no image in 'train'"),
        ("2.json", b"{", r"2\.json is not valid JSON"),
        ("2.json", b"[]", r"2\.json is not a JSON object"),
    ],
)
def test_annotations_that_are_wrong_are_named(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    train = channel(tmp_path / "train", {"2.png": PNG})
    with pytest.raises(ClientError, match=message):
        list(pictures.annotated(train, channel(tmp_path / "train_annotation", {name: content})))


def test_masks_are_images_of_the_same_name(tmp_path: Path) -> None:
    train = channel(tmp_path / "train", {"1.jpg": JPEG})
    masks = channel(tmp_path / "train_annotation", {"1.png": PNG, "label_map.json": b"{}"})
    assert [(image.data, mask.data) for image, mask in pictures.masked(train, masks)] == [(JPEG, PNG)]
    streamed = manifest(tmp_path, JPEG, PNG)
    assert [(image.data, mask.data) for image, mask in pictures.masked(streamed, None)] == [(JPEG, PNG)]
    with pytest.raises(ClientError, match="train_0, record 1 is not a JPEG or PNG image"):
        list(pictures.masked(manifest(tmp_path, b"text", PNG), None))
