"""Compile the translations that the pages read from what translators edit."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "translations"


def compile_translations(folder: Path = FOLDER) -> None:
    """Write each `messages.mo` that is missing or older than its `messages.po`."""
    for source in folder.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)


def _compile(source: Path, target: Path) -> None:
    """In one move, so that a process starting beside this one never reads half a file."""
    with source.open("rb") as file:
        catalogue = read_po(file)
    with NamedTemporaryFile(dir=target.parent, delete=False) as draft:
        write_mo(draft, catalogue)
    Path(draft.name).chmod(0o644)
    Path(draft.name).replace(target)
