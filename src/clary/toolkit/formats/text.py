"""Text: the lines of a channel's files, as they are or each as a JSON object."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from clary.toolkit.errors import ClientError
from clary.toolkit.source import Source

Object = dict[str, Any]
T = TypeVar("T")

_SHOWN = 80  # characters of a bad line in a message


def lines(sources: Sequence[Source], make: Callable[[str], T]) -> Iterator[T]:
    """Yield what ``make`` makes of each line of UTF-8, blank ones included, without its line end.

    Raises ClientError that names file and line for what is not UTF-8, and for what ``make`` says is wrong by
    a ClientError of its own.
    """
    for source in sources:
        with source.open() as file:
            yield from lines_of(file, source.name, 1, make)


def lines_of(found: Iterable[bytes], name: str, first: int, make: Callable[[str], T]) -> Iterator[T]:
    """Yield what ``make`` makes of each line; ``first`` is the number of the first in the file ``name``."""
    for number, line in enumerate(found, first):
        try:
            made = make(line.decode().rstrip("\r\n"))
        except UnicodeDecodeError as error:
            raise ClientError(f"{name}, line {number} is not UTF-8: {error}.") from error
        except ClientError as error:
            raise ClientError(f"{name}, line {number}: {error}", error.status) from error
        yield made


def objects(sources: Sequence[Source], make: Callable[[Object], T]) -> Iterator[T]:
    """Yield what ``make`` makes of the JSON object on each line that is not blank.

    Raises ClientError that names file and line for what is no JSON object, and for what ``make`` says is
    wrong by a ClientError of its own.
    """

    def made(line: str) -> tuple[T, ...]:
        return (make(parsed(line)),) if line.strip() else ()

    for each in lines(sources, made):
        yield from each


def parsed(line: str) -> Object:
    """Return the JSON object that a line is; raises ClientError."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ClientError(f"{line[:_SHOWN]!r} is not valid JSON: {error}.") from error
    if not isinstance(found, dict):
        raise ClientError(f'{line[:_SHOWN]!r} is not a JSON object, {{"name": value, ...}}.')
    return found
