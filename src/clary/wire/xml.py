"""XML documents: read without entities or document types, written with every character escaped."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

_MAXIMUM_DEPTH = 64
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"} | {
    code: f"&#x{code:x};" for code in (*range(0x20), 0xFFFE, 0xFFFF) if code not in (0x9, 0xA)
}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class Element:
    """An element, its tag without namespace prefix."""

    tag: str
    attributes: Mapping[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def named(self, tag: str) -> Iterator["Element"]:
        """Return the children of that tag, in order."""
        return (child for child in self.children if child.tag == tag)


class _Builder:
    def __init__(self) -> None:
        self.root = Element("", {})
        self.open = [self.root]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) > _MAXIMUM_DEPTH:
            raise ValueError("the XML is nested too deeply")
        element = Element(tag.rpartition(":")[2], attributes)
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, _tag: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        self.open[-1].text += text

    def refuse(self, *_declaration: object) -> None:
        raise ValueError("XML with a document type is not accepted")


def parse(document: bytes) -> Element:
    """Return the root of ``document``; raises ValueError when it is not well-formed or declares entities."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.refuse
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise ValueError(f"the XML is not well-formed: {error}") from error
    return builder.root.children[0]


def element(tag: str, content: str, attributes: Mapping[str, str] | None = None) -> str:
    """Return the text of an element around ``content``, which is markup already."""
    marks = "".join(f' {name}="{escape(value)}"' for name, value in (attributes or {}).items())
    return f"<{tag}{marks}>{content}</{tag}>" if content else f"<{tag}{marks}/>"


def escape(text: str) -> str:
    """Return ``text`` as markup that reads back the same, line ends included."""
    return text.translate(_ESCAPES)


def printable(text: str) -> str:
    """Return ``text`` with a question mark for each character that no XML may hold, however it is written."""
    return _FORBIDDEN.sub("?", text)


def document(root: str) -> bytes:
    """Return the bytes of a document with that root element."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}'.encode("utf-8", "replace")
