"""What all tests share."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

pytest.register_assert_rewrite("clary.testing")


class Until(Protocol):
    """Waits for a condition; fails the test when it does not come true."""

    def __call__(self, condition: Callable[[], object], seconds: float = 20.0) -> None: ...


@pytest.fixture
def until() -> Until:
    def wait(condition: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(0.005)

    return wait


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose path leaves room for the name of a unix socket."""
    import shutil
    import tempfile

    path = Path(tempfile.mkdtemp(prefix="clary-"))
    yield path
    shutil.rmtree(path)
