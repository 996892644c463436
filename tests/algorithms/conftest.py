"""What tests of algorithms share."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Give algorithms one core: their many small products gain nothing by more."""
    with threadpool_limits(1):
        yield
