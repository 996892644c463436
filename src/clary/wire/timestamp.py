"""The three spellings of a moment: ISO 8601, RFC 822 and seconds since the epoch."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from clary.core import clock


def parse(value: object) -> datetime:
    """Return the aware datetime that a number or a text of any spelling means; raises ValueError."""
    try:
        return clock.utc(float(value))  # type: ignore[arg-type]
    except TypeError as error:
        raise ValueError(f"{value!r} is not a timestamp") from error
    except ValueError:
        return _aware(str(value).strip())
    except (OverflowError, OSError) as error:
        raise ValueError(f"{value!r} is out of the range of timestamps") from error


def _aware(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def render(value: object, spelling: str) -> str | int | float:
    """Return ``value`` (a datetime, or seconds since the epoch) as ``spelling`` has it.

    ``spelling`` is botocore's: ``iso8601``, ``rfc822`` or ``unixTimestamp``, which keeps milliseconds. A text
    is taken to be spelt already.
    """
    if isinstance(value, str):
        return value
    moment = value if isinstance(value, datetime) else clock.utc(float(value))  # type: ignore[arg-type]
    if spelling == "iso8601":
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if spelling == "rfc822":
        return format_datetime(moment.astimezone(UTC), usegmt=True)
    seconds = round(moment.timestamp(), 3)
    return int(seconds) if seconds.is_integer() else seconds
