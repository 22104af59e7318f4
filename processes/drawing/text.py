"""How wide a text is, and how it breaks so that nothing leaves its box.

Widths are those of DejaVu Sans, the widest font a reader is likely to fall back to; in
IBM Plex Sans every line comes out a little shorter.
"""

from __future__ import annotations

from dataclasses import dataclass

LINE = 1.25
"""Distance of two lines, in font sizes."""

_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.28),
    **dict.fromkeys(" .,:;!IJ()[]/\\", 0.38),
    **dict.fromkeys('frt-"', 0.42),
    **dict.fromkeys("cksvxyz?", 0.6),
    **dict.fromkeys("mwMWæÆ%@→…", 1.0),
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZØÅ&+=<>#~", 0.79),
}
_OTHER = 0.64
_WIDE = 1.1
_LAST_NARROW = "\u02ff"
_BOLD = 1.12
_SIZES = (12.0, 11.0)
_SMALL_SIZES = (12.0, 11.0, 10.0, 9.0)
_VOWELS = "aeiouyæøåAEIOUYÆØÅ"
_SHORTEST_PART = 3


@dataclass(frozen=True)
class Fitted:
    """Lines that fit their box, in pixels of `size`."""

    lines: tuple[str, ...]
    size: float
    cut: bool = False
    """Whether the end of the text is missing."""

    @property
    def height(self) -> float:
        """Height of the block of lines."""
        return len(self.lines) * self.size * LINE

    @property
    def width(self) -> float:
        """Width of the longest line."""
        return max((width(line, self.size) for line in self.lines), default=0.0)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels that the text takes at most."""
    units = sum(_WIDTHS.get(letter, _OTHER if letter <= _LAST_NARROW else _WIDE) for letter in text)
    return units * size * (_BOLD if bold else 1)


def fit(text: str, room: float, height: float) -> Fitted:
    """The text at the largest size that fits, hyphenated only if it must be."""
    for size in _SIZES:
        fitted = Fitted(tuple(wrap(text, room, size, hyphenate=False)), size)
        if fitted.width <= room and fitted.height <= height:
            return fitted
    for size in _SMALL_SIZES:
        fitted = Fitted(tuple(wrap(text, room, size)), size)
        if fitted.height <= height:
            return fitted
    return _cut(fitted, room, height)


def wrap(text: str, room: float, size: float, *, hyphenate: bool = True) -> list[str]:
    """The text in lines of at most `room` pixels; line breaks in it stay."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += _wrap_words(paragraph.split(), room, size, hyphenate=hyphenate)
    return lines


def _wrap_words(words: list[str], room: float, size: float, *, hyphenate: bool) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words:
        wider = f"{line} {word}" if line else word
        if width(wider, size) <= room:
            line = wider
            continue
        if line:
            lines.append(line)
        *broken, line = _break_word(word, room, size) if hyphenate else [word]
        lines += broken
    return [*lines, line] if line else lines


def _break_word(word: str, room: float, size: float) -> list[str]:
    parts = []
    while width(word, size) > room and len(word) > 1:
        place = _place_to_break(word, room, size)
        head, word = word[:place], word[place:]
        parts.append(head if head[-1] in "-/_" else f"{head}-")
    return [*parts, word]


def _place_to_break(word: str, room: float, size: float) -> int:
    """The last good place whose head still fits; Danish compounds part after an s."""
    fitting = [place for place in range(1, len(word)) if width(f"{word[:place]}-", size) <= room]
    if not fitting:
        return 1
    good = [place for place in fitting if _SHORTEST_PART <= place <= len(word) - _SHORTEST_PART]
    for rule in (_after_sign, _after_joining_s, _before_syllable):
        places = [place for place in good if rule(word, place)]
        if places:
            return places[-1]
    return fitting[-1]


def _after_sign(word: str, place: int) -> bool:
    return word[place - 1] in "-/_"


def _after_joining_s(word: str, place: int) -> bool:
    """`visitations-beslutning`: the s that joins two words stands between consonants."""
    before, joint, after = word[place - 2], word[place - 1], word[place]
    return joint == "s" and not {before, after} & set(_VOWELS)


def _before_syllable(word: str, place: int) -> bool:
    return word[place] not in _VOWELS and word[place + 1] in _VOWELS


def _cut(fitted: Fitted, room: float, height: float) -> Fitted:
    count = max(1, int(height // (fitted.size * LINE)))
    *lines, last = fitted.lines[:count]
    while last and width(f"{last}…", fitted.size) > room:
        last = last[:-1]
    return Fitted((*lines, f"{last.rstrip('- ')}…"), fitted.size, cut=True)
