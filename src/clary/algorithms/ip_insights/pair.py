"""An entity and an IPv4 address, as a line of a channel or a request has them."""

import csv
import json
import socket
import zlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.toolkit import media_type
from clary.toolkit.errors import ClientError

Pairs = npt.NDArray[np.uint32]
"""Entities, as hashes of 32 bits, and addresses, (pairs, 2)."""

_FORM = '{"features": ["user_1", "192.168.1.1"]}'


def pair(entity: str, address: str) -> tuple[int, int]:
    """Return the hash of ``entity`` and the number of ``address``; raises ClientError for what is none."""
    try:
        number = socket.inet_pton(socket.AF_INET, address)
    except (OSError, ValueError) as error:
        raise ClientError(f"{address!r} is not an IPv4 address such as 192.168.1.1.") from error
    return zlib.crc32(entity.encode()), int.from_bytes(number)


def of_line(line: str) -> tuple[int, int] | None:
    """Return the pair of a line of CSV, None of a blank one; raises ClientError for anything else."""
    if not line.strip():
        return None
    cells = next(csv.reader([line])) if '"' in line else line.split(",")
    if len(cells) != 2:
        raise ClientError(
            f"found {len(cells)} columns; a line is an entity and an IPv4 address, as in user_1,192.168.1.1."
        )
    return pair(cells[0].strip(), cells[1].strip())


def together(pairs: Iterable[tuple[int, int] | None]) -> Pairs:
    """Return pairs as an array."""
    return np.array([each for each in pairs if each], np.uint32).reshape(-1, 2)


def decode_csv(body: bytes) -> Pairs:
    """Return the pairs of a request, one a line; raises ClientError that names a malformed line."""
    return together(_numbered("Line", enumerate(_text(body).splitlines(), 1), of_line))


def decode_json(body: bytes) -> Pairs:
    """Return the pairs of ``{"instances": [{"features": [entity, address]}, ...]}``.

    An instance may also be ``{"data": {"features": {"values": [entity, address]}}}``. Raises ClientError that
    tells what is malformed.
    """
    document = _parsed(_text(body))
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list):
        raise ClientError(f'The JSON request body must have the form {{"instances": [{_FORM}, ...]}}.')
    return together(_numbered("Instance", enumerate(instances), _of_instance))


def decode_lines(body: bytes) -> Pairs:
    """Return the pairs of JSON Lines, one instance a line, in the forms of ``decode_json``."""
    lines = ((number, line) for number, line in enumerate(_text(body).splitlines(), 1) if line.strip())
    return together(_numbered("Line", lines, lambda line: _of_instance(_parsed(line))))


DECODERS: Mapping[str, Callable[[bytes], Pairs]] = MappingProxyType(
    {media_type.CSV: decode_csv, media_type.JSON: decode_json, media_type.JSON_LINES: decode_lines}
)
"""How a request body of each content type is read."""


def _of_instance(instance: Any) -> tuple[int, int]:
    try:
        features = instance["features"] if "features" in instance else instance["data"]["features"]
        entity, address = features["values"] if isinstance(features, Mapping) else features
    except (KeyError, TypeError, ValueError) as error:
        raise ClientError(f"it has no usable features; the form is {_FORM}.") from error
    if not isinstance(entity, str) or not isinstance(address, str):
        raise ClientError(f"its features are not two strings; the form is {_FORM}.")
    return pair(entity, address)


def _numbered(
    what: str, items: Iterable[tuple[int, Any]], make: Callable[[Any], tuple[int, int] | None]
) -> Iterable[tuple[int, int] | None]:
    for number, item in items:
        try:
            yield make(item)
        except ClientError as error:
            raise ClientError(f"{what} {number} of the request: {error}") from error


def _text(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise ClientError(f"The request body is not UTF-8: {error}.") from error
    if not text.strip():
        raise ClientError("The request body is empty; send pairs of an entity and an IPv4 address.")
    return text


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ClientError(f"this is not valid JSON: {error}.") from error
