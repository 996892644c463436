"""HTML forms, the requests of the Query protocol."""

from urllib.parse import parse_qsl

_MAXIMUM_FIELDS = 10_000


def fields(body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form in order; raises ValueError when there are too many or not in UTF-8."""
    return parse_qsl(
        body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAXIMUM_FIELDS
    )
