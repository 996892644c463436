"""The log file: bytes in, stamped lines out, whatever the bytes and however they are cut."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.compute import log_file
from clary.compute.log_file import LINE_LIMIT, LogWriter
from clary.core import clock


def texts(path: Path, chunks: list[bytes]) -> list[str]:
    writer = LogWriter(path)
    for chunk in chunks:
        writer.write(chunk)
    writer.close()
    pages = [log_file.read(path, 0)]
    while pages[-1].raw:
        pages.append(log_file.read(path, pages[-1].next))
    return [event.text for page in pages for event in page.events]


def test_a_line_is_written_when_it_is_whole(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path / "log")
    assert not writer.write(b"half a ")
    assert log_file.read(tmp_path / "log", 0).raw == b""
    assert writer.write(b"line\nand")
    assert [event.text for event in log_file.read(tmp_path / "log", 0).events] == ["half a line"]
    assert writer.close()


def test_the_format_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: 1700000000.1239)
    texts(tmp_path / "log", [b"[0]\ttrain-rmse:1\nend"])
    assert (tmp_path / "log").read_bytes() == b"1700000000123\t[0]#011train-rmse:1\n1700000000123\tend\n"


def test_stamps_never_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([2.0, 1.0, 3.0])
    monkeypatch.setattr(clock, "now", lambda: next(times))
    writer = LogWriter(tmp_path / "log")
    writer.write(b"a\n")
    writer.write(b"b\n")
    writer.close()
    assert [event.timestamp for event in log_file.read(tmp_path / "log", 0).events] == [2000, 2000]


def test_a_carriage_return_cut_from_its_newline_is_one_line_end(tmp_path: Path) -> None:
    assert texts(tmp_path / "log", [b"a\r", b"\nb\r", b"c\r"]) == ["a", "b", "c"]


@pytest.mark.parametrize("character", ["x", "é", "漢", "🙂", "\t"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_line_over_the_limit_is_split_between_characters(tmp_path: Path, character: str, end: str) -> None:
    line = "a" + character * LINE_LIMIT
    data = (line + end).encode()
    pieces = texts(tmp_path / "log", [data[at : at + 65536] for at in range(0, len(data), 65536)])
    assert "".join(pieces) == line.replace("\t", "#011")
    assert all(len(piece.encode()) <= LINE_LIMIT for piece in pieces)
    assert "\N{REPLACEMENT CHARACTER}" not in "".join(pieces)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_how_output_is_cut_into_reads_does_not_matter(chunks: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        cut = texts(Path(folder, "cut"), chunks)
        whole = texts(Path(folder, "whole"), [b"".join(chunks)])
    assert cut == whole
    assert not any(mark in text for text in cut for mark in "\t\r\n")


@given(st.lists(st.text(st.characters(exclude_characters="\t\r\n", codec="utf-8")), max_size=8))
def test_text_comes_back_as_it_was_printed(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        printed = "".join(f"{line}\n" for line in lines).encode()
        assert texts(Path(folder, "log"), [printed]) == lines


def test_a_page_ends_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"1\ta\n2\tb\n3\tunfin")
    page = log_file.read(path, 4)
    assert (page.raw, page.next) == (b"2\tb\n", 8)
    assert log_file.read(path, 8).next == 8


class Seconds:
    """The time, which a test sets."""

    now = 0.0


def test_what_is_too_much_is_left_out_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = Seconds()
    monkeypatch.setattr(clock, "monotonic", lambda: seconds.now)
    writer = LogWriter(tmp_path / "log", 100 * 115)
    for number in range(300):
        writer.write(b"%0100d\n" % number)
    seconds.now += 86_400
    for number in range(300, 310):
        writer.write(b"%0100d\n" % number)
    writer.close()
    told = [event.text.lstrip("0") for event in log_file.read(tmp_path / "log", 0).events]
    assert told[:100] == ["", *map(str, range(1, 100))]
    assert told[100].startswith(
        "[clary] Lines are left out from here on: a run may write 0 MiB of log at once"
    )
    assert told[101] == "[clary] 200 lines were left out here."
    assert told[102:] == [str(number) for number in range(300, 310)]


def test_what_was_left_out_is_told_at_the_end(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path / "log", 10 * 115)
    assert writer.write((b"x" * 100 + b"\n") * 11)
    assert not writer.write(b"short\n" * 5), "what was left out is no news"
    assert writer.close()
    texts = [event.text for event in log_file.read(tmp_path / "log", 0).events]
    assert len(texts) == 12
    assert texts[11] == "[clary] 6 lines were left out here."


def test_a_note_stands_on_a_line_of_its_own_beyond_the_limit_too(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path / "log", 115)
    writer.write(b"x" * 100 + b"\nhalf a line")
    writer.note("this is the end")
    writer.close()
    texts = [event.text for event in log_file.read(tmp_path / "log", 0).events]
    assert texts[0] == "x" * 100
    assert texts[1].startswith("[clary] Lines are left out")
    assert texts[2:] == ["[clary] this is the end", "[clary] 1 lines were left out here."]


def test_a_run_that_never_ends_a_line_takes_no_more_memory_or_disk(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path / "log", 1 << 20)
    for _ in range(1_000):
        writer.write(b"x" * 65536)
    writer.close()
    assert (tmp_path / "log").stat().st_size < (1 << 20) + 1_000
