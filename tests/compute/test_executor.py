"""The words executors share: a page of a log taken apart."""

from clary.compute.executor import LogEvent, LogPage


def test_a_page_is_taken_apart_at_its_newlines_only() -> None:
    page = LogPage("1\tone\x0b\u2028\n2\t\n".encode(), 14)
    assert page.events == (LogEvent(1, "one\x0b\u2028"), LogEvent(2, ""))


def test_an_empty_page_has_no_events() -> None:
    assert LogPage(b"", 7).events == ()
