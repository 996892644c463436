"""XML in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.wire import xml


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff")))
def test_text_and_attributes_come_back(text: str) -> None:
    root = xml.parse(
        xml.document(xml.element("a", xml.element("b", xml.escape(text)), {"c": text.replace("\n", "")}))
    )
    assert root.children[0].text == text
    assert root.attributes["c"] == text.replace("\n", "")


def test_line_ends_come_back() -> None:
    assert xml.parse(xml.document(xml.element("a", xml.escape("x\r\ny\rz")))).text == "x\r\ny\rz"


def test_an_empty_element() -> None:
    assert xml.element("a", "") == "<a/>"


def test_prefixes_are_left_off() -> None:
    root = xml.parse(b'<s:a xmlns:s="x"><s:b/><c/></s:a>')
    assert [root.tag, *(child.tag for child in root.children)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not xml",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<a>&b;</a>",
        b"<a>" * 100 + b"</a>" * 100,
        b"\xff\xfe<a/>",
    ],
)
def test_what_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match="XML"):
        xml.parse(document)


def test_what_no_xml_may_hold_is_shown_as_a_question_mark() -> None:
    text = xml.printable("a\x00b\x1f\tc\n\ud800\uffff é")
    assert text == "a?b?\tc\n?? é"
    assert xml.parse(xml.document(xml.element("E", xml.escape(text)))).text == text
