"""Draws docs/en_vej_ind.svg, the picture in the README, from the programme's own diagram."""

from __future__ import annotations

from pathlib import Path

from processes.picture import draw

ROOT = Path(__file__).parents[1]
DIAGRAM = ROOT / "bpmn" / "en_vej_ind" / "en_vej_ind.bpmn"
PICTURE = ROOT / "docs" / "en_vej_ind.svg"
TINTS = {
    "Visitator": "#e7f0f9",
    "Koordinator": "#eaf5ec",
    "Mentor": "#fdf3e1",
    "Visitationsudvalg": "#f3ecf8",
    "Underviser": "#e6f5f5",
    "Leder": "#fbe9ea",
    "SSP-konsulent": "#f1f1e6",
    "Kriminalforsorg": "#ececec",
}
PAPER = '<rect x="-100%" y="-100%" width="300%" height="300%" fill="#fff"/>'
"""A picture on its own has no page below it, and a dark reader would show black on black."""


def picture() -> str:
    svg = draw(DIAGRAM.read_text(), {}, "En Vej Ind", TINTS)
    head, tag, rest = svg.partition("</title>")
    return f"{head}{tag}{PAPER}{rest}\n"


if __name__ == "__main__":
    PICTURE.write_text(picture())
