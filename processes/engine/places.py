"""Where in a file's text an element begins: XML readers keep a line at most, of long tags the last.

Lines and columns count from 1; a column is a character, as editors show it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lxml import etree

TAGS = re.compile(r"<(?:!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>|[^/!?](?P<start>))", re.DOTALL)
NEWLINE = re.compile(r"\n")


class Place(NamedTuple):
    """A point in a text."""

    line: int
    column: int


class Text:
    """A text that tells lines and columns of its characters."""

    def __init__(self, text: str) -> None:
        self._begins = [0, *(found.end() for found in NEWLINE.finditer(text))]

    def place(self, offset: int) -> Place:
        """The line and column of the character at an offset."""
        line = bisect_right(self._begins, offset)
        return Place(line, offset - self._begins[line - 1] + 1)


class Places:
    """The beginnings of all elements of one XML file, found in one pass over its text.

    In well-formed XML without a document type, `<` and a name always begin an element, so the
    n-th such place is that of the n-th element in document order.
    """

    def __init__(self, text: str, root: etree._Element) -> None:
        self._text = Text(text)
        starts = (found.start() for found in TAGS.finditer(text) if found["start"] is not None)
        self._offsets = dict(zip(root.iter("*"), starts, strict=False))

    def of(self, element: etree._Element) -> Place:
        """Where the element's tag begins."""
        return self._text.place(self._offsets[element])
