"""Places texts: inside boxes, beside symbols, along lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processes.drawing.pen import number, put
from processes.drawing.reading import Box
from processes.drawing.text import LINE, Fitted, fit, width, wrap

if TYPE_CHECKING:
    from lxml import etree

    from processes.drawing.reading import Edge, Shape

_BASELINE = 0.36
"""How far below a line's middle its letters stand, in font sizes."""

_BESIDE = 11.0
_ROOM_BESIDE = 90.0
_WIDER_LETTERS = 1.2
"""Other editors measure narrower letters than we do when they size a label."""

_GAP = 6.0


def write_inside(parent: etree._Element, text: str, box: Box) -> None:
    """The text in the middle of a box, as large as fits."""
    if text:
        _write(parent, fit(text, box.width, box.height), box.cx, box.cy)


def write_under_icon(parent: etree._Element, text: str, box: Box, head: float) -> None:
    """The text in a box whose upper left corner, `head` wide and high, holds an icon.

    A long text may use the icon's height as long as its first line stays clear of it.
    """
    if not text:
        return
    lower = Box(box.x, box.y + head, box.width, max(box.height - head, 12))
    fitted, place = fit(text, lower.width, lower.height), lower
    if fitted.cut and head:
        higher = fit(text, box.width, box.height)
        clear = width(higher.lines[0], higher.size) <= box.width - 2 * head
        if clear and not higher.cut:
            fitted, place = higher, box
    _write(parent, fitted, place.cx, place.cy)


def write_on_top(parent: etree._Element, text: str, box: Box) -> None:
    """The text centred under the upper side of a box, in bold."""
    if text:
        fitted = fit(text, box.width / 1.15, max(box.height, 16.0))
        _write(parent, fitted, box.cx, box.y + fitted.height / 2, weight="600")


def write_upward(parent: etree._Element, text: str, box: Box, weight: str | None = None) -> None:
    """The text turned by a quarter, read from below, in the middle of a narrow box."""
    if not text:
        return
    fitted = fit(text, box.height / 1.15 - 8, box.width - 2)
    turned = put(
        parent, "g", transform=f"rotate(-90 {number(box.cx)} {number(box.cy)})", class_="upward"
    )
    _write(turned, fitted, box.cx, box.cy, weight=weight)


def write_note(parent: etree._Element, text: str, box: Box) -> None:
    """The text of an annotation, from the left."""
    if text:
        fitted = fit(text, box.width - 12, max(box.height, 15.0))
        _write(parent, fitted, box.x + 8, box.cy, anchor="start")


def write_beside(parent: etree._Element, part: Shape | Edge, fallback: Box) -> Box | None:
    """The name where the file places its label; the space that it takes."""
    if not part.name:
        return None
    room = _ROOM_BESIDE
    if part.label is not None:
        room = max(part.label.width * _WIDER_LETTERS, 30.0)
    place = part.label or fallback
    longest = max(width(word, _BESIDE) for word in part.name.split())
    lines = wrap(part.name, max(room, min(longest, _ROOM_BESIDE * _WIDER_LETTERS)), _BESIDE)
    fitted = Fitted(tuple(lines), _BESIDE)
    middle = place.y + fitted.height / 2
    if len(lines) * _BESIDE * LINE < place.height:
        middle = place.cy
    label = put(parent, "g", class_="label", data_element=part.id)
    _write(label, fitted, place.cx, middle, halo=True)
    return Box(place.cx - fitted.width / 2, middle - fitted.height / 2, fitted.width, fitted.height)


def below(box: Box) -> Box:
    """Where a symbol's name stands if the file does not say."""
    return Box(box.cx - _ROOM_BESIDE / 2, box.bottom + _GAP, _ROOM_BESIDE, 0)


def _write(
    parent: etree._Element,
    fitted: Fitted,
    x: float,
    y: float,
    *,
    anchor: str = "middle",
    weight: str | None = None,
    halo: bool = False,
) -> None:
    text = put(
        parent,
        "text",
        font_size=fitted.size,
        text_anchor=anchor,
        font_weight=weight,
        class_="halo" if halo else None,
        stroke="#fff" if halo else None,
        stroke_width=3 if halo else None,
        stroke_linejoin="round" if halo else None,
        paint_order="stroke" if halo else None,
    )
    step = fitted.size * LINE
    first = y - step * (len(fitted.lines) - 1) / 2 + fitted.size * _BASELINE
    for count, line in enumerate(fitted.lines):
        put(text, "tspan", x=x, y=first + count * step).text = line
