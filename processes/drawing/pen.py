"""Puts elements into an SVG document; markup is never glued together from strings."""

from __future__ import annotations

import re

from lxml import etree

SVG = "http://www.w3.org/2000/svg"
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def page() -> etree._Element:
    """An empty SVG document."""
    return etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})


def put(parent: etree._Element, tag: str, **attributes: str | float | None) -> etree._Element:
    """Append an element; `fill_opacity=` writes `fill-opacity`, `class_=` writes `class`."""
    child = etree.SubElement(parent, f"{{{SVG}}}{tag}")
    for name, value in attributes.items():
        if value is not None:
            child.set(name.rstrip("_").replace("_", "-"), _written(value))
    return child


def printable(text: str) -> str:
    """The text without characters that no XML document may hold."""
    return _UNPRINTABLE.sub("", text)


def number(value: float) -> str:
    """The number as short as a hundredth of a pixel allows."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _written(value: str | float) -> str:
    return printable(value) if isinstance(value, str) else number(value)
