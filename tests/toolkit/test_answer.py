"""An answer is plain text, and well, unless it says otherwise."""

from clary.toolkit.answer import Answer


def test_defaults() -> None:
    assert Answer(b"no") == Answer(b"no", "text/plain", 200)
