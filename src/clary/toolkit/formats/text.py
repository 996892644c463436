"""Text: the lines of a channel's files, as they are or each as a JSON object."""

import json
from collections.abc import Callable, Iterator, Sequence
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
            for number, line in enumerate(file, 1):
                try:
                    made = make(line.decode().rstrip("\r\n"))
                except UnicodeDecodeError as error:
                    raise ClientError(f"{source.name}, line {number} is not UTF-8: {error}.") from error
                except ClientError as error:
                    raise ClientError(f"{source.name}, line {number}: {error}", error.status) from error
                yield made


def objects(sources: Sequence[Source], make: Callable[[Object], T]) -> Iterator[T]:
    """Yield what ``make`` makes of the JSON object on each line that is not blank.

    Raises ClientError that names file and line for what is no JSON object, and for what ``make`` says is
    wrong by a ClientError of its own.
    """

    def made(line: str) -> tuple[T, ...]:
        return (make(_object(line)),) if line.strip() else ()

    for each in lines(sources, made):
        yield from each


def _object(line: str) -> Object:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ClientError(f"{line[:_SHOWN]!r} is not valid JSON: {error}.") from error
    if not isinstance(found, dict):
        raise ClientError(f'{line[:_SHOWN]!r} is not a JSON object, {{"name": value, ...}}.')
    return found
