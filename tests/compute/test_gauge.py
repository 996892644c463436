"""The gauge: a line a minute, a last one at the end, and no line that is not whole."""

import os
from pathlib import Path

import pytest

from clary.compute import gauge
from clary.compute.gauge import LOOKS, Gauge, Usage, read
from clary.compute.limits import Limits
from clary.compute.room import Room, Use
from clary.core import clock


class Clockwork:
    """A time that a test sets, and what the run uses at it."""

    now = 100.0
    use = Use(0, 0.0)


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Clockwork:
    works = Clockwork()
    monkeypatch.setattr(clock, "monotonic", lambda: works.now)
    monkeypatch.setattr(clock, "now", lambda: works.now + 1e9)
    monkeypatch.setattr(Room, "use", lambda *_: works.use)
    monkeypatch.setattr(gauge, "_buried", lambda: 0.0)
    return works


def test_six_looks_make_a_line(tmp_path: Path, works: Clockwork) -> None:
    measured = Gauge(tmp_path / "usage", tmp_path, Room(Limits()), memory=1000)
    for number in range(1, LOOKS + 1):
        works.now += 10
        works.use = Use(100 * number, 15.0 * number)
        assert measured.look(os.getpid()) is (number == LOOKS)
    (line,) = read(tmp_path / "usage", 0)
    assert (line.at, line.cpu, line.memory) == (1e9 + 160, 150.0, 35.0)
    assert 0 < line.disk <= 100
    works.now += 10
    measured.finish()
    assert [usage.at for usage in read(tmp_path / "usage", line.at)] == [1e9 + 170]


def test_only_whole_lines_are_read(tmp_path: Path) -> None:
    file = tmp_path / "usage"
    assert read(file, 0) == []
    file.write_text("1.0\t2.0\t3.0\t4.0\n5.0\t6.0")
    assert read(file, 0) == [Usage(1.0, 2.0, 3.0, 4.0)]
    file.write_text("".join(f"{number}\t2.0\t3.0\t4.0\n" for number in range(10_000)))
    assert read(file, 9_998) == [Usage(9_999.0, 2.0, 3.0, 4.0)]
