"""What the tests of SDK v1 share."""

import pytest
import sagemaker


@pytest.fixture(scope="session")
def session() -> sagemaker.Session:
    """The SDK's session as its users make it."""
    return sagemaker.Session()
