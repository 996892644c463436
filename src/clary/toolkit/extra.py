"""Libraries that only some algorithms need, each an extra of the installation."""

import importlib
from typing import Any

from clary.toolkit.errors import ClientError


def load(module: str, extra: str) -> Any:
    """Import ``module`` of the extra called ``extra``; raises ClientError that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ClientError(
            f"This algorithm needs {module}, which cannot be imported ({error}): "
            f"install it on the server with pip install 'clary[{extra}]'."
        ) from error
