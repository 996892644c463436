"""Libraries that only some algorithms need, each an extra of the installation."""

import importlib
import importlib.util
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from clary.toolkit.errors import ClientError

MODULES = MappingProxyType({"parquet": "pyarrow", "vision": "PIL"})
"""The module that an extra brings, where it has not the extra's name."""


def load(module: str, extra: str) -> Any:
    """Import ``module`` of the extra called ``extra``; raises ClientError that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ClientError(
            f"This algorithm needs {module}, which cannot be imported ({error}): "
            f"install it on the server with pip install 'clary[{extra}]'."
        ) from error


def missing(extras: Iterable[str]) -> list[str]:
    """Return those of ``extras`` whose module is not installed; imports none."""
    return [name for name in extras if importlib.util.find_spec(MODULES.get(name, name)) is None]
