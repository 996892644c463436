"""Lines and JSON objects are read from all files, and what is wrong is named with its place."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError


def channel(folder: Path, *contents: bytes) -> Channel:
    for number, content in enumerate(contents):
        (folder / f"part-{number}").write_bytes(content)
    return Channel("train", folder)


def test_lines_are_those_of_all_files_blank_ones_too(tmp_path: Path) -> None:
    train = channel(tmp_path, b"one\r\n\ntwo", gzip.compress("drei\nü\n".encode()))
    assert list(train.lines()) == ["one", "", "two", "drei", "ü"]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), min_size=1))
def test_any_text_is_read_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    train = channel(tmp_path_factory.mktemp("lines"), "".join(f"{text}\n" for text in texts).encode())
    assert list(train.lines()) == texts


def test_records_are_the_objects_on_lines_that_are_not_blank(tmp_path: Path) -> None:
    train = channel(tmp_path, b'{"a": 1}\n\n{"a": 2}', b'{"a": "\xc3\xbc"}\n')
    assert list(train.records()) == [{"a": 1}, {"a": 2}, {"a": "ü"}]
    assert list(train.records(lambda found: found["a"])) == [1, 2, "ü"]


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@given(st.lists(st.dictionaries(st.text(), VALUES)))
def test_any_objects_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, object]]
) -> None:
    train = channel(tmp_path_factory.mktemp("records"), "\n".join(map(json.dumps, objects)).encode())
    assert list(train.records()) == objects


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", r"part-1, line 2: '{' is not valid JSON"),
        (b"[1]", r"part-1, line 2: '\[1\]' is not a JSON object"),
        (b'"\xff"', "part-1, line 2 is not UTF-8"),
        (b"[" * 100_000, "part-1, line 2: .* is not valid JSON"),
    ],
)
def test_what_is_no_object_is_named_with_its_place(tmp_path: Path, line: bytes, message: str) -> None:
    train = channel(tmp_path, b"{}\n", b"{}\n" + line + b"\n")
    with pytest.raises(ClientError, match=message):
        list(train.records())


def test_what_the_reader_finds_wrong_gets_its_place(tmp_path: Path) -> None:
    def target(found: dict[str, object]) -> object:
        if "target" not in found:
            raise ClientError("it has no 'target'.")
        return found["target"]

    train = channel(tmp_path, b'{"target": 1}\n{}\n')
    with pytest.raises(ClientError, match=r"part-0, line 2: it has no 'target'\."):
        list(train.records(target))
