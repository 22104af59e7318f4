"""Gettext catalogues beside a programme's files: its Danish words, and the same in English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

from processes.diagram_files import CATALOGUE, own_files, shared_files
from processes.engine.problems import BadDiagram, Problem
from processes.engine.programme import PROGRAMME
from processes.engine.programme_file import check_programme
from processes.engine.statutes import words_of_law
from processes.wording import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LANGUAGE = "en"
WIDTH = 100
KEPT = 32
"""Catalogues whose words stay in memory."""

REMARK = re.compile(r"^[ \t]*#(?!,).*", re.MULTILINE)
"""Comments, all but the marks of an entry. Nobody reads them, and Babel takes a minute over a
thousand kilobytes of them at one entry."""

HEADER = """\
# English words of a programme's own texts. The Danish ones stand in its files;
# `vejviser translations` finds what is missing here and what nothing says any more.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


@dataclass(frozen=True)
class Gaps:
    """Where a folder and its catalogue differ."""

    missing: list[str]
    """Texts that have no English, in the order of the files."""

    unused: list[str]
    """Entries that no file says any more."""


def read_catalogue(name: str, text: str) -> dict[str, str]:
    """Danish to English, without what is still empty.

    Raises:
        BadDiagram: it is not a gettext catalogue.
    """
    return dict(_said_in_english(name, text))


@lru_cache(maxsize=KEPT)
def _said_in_english(name: str, text: str) -> Mapping[str, str]:
    """Kept, since every shared part's bundle holds the same catalogue."""
    return {
        str(message.id): str(message.string)
        for message in _read(name, text)
        if message.id and message.string and not message.fuzzy
    }


def english_in(files: Mapping[str, str], key: str) -> dict[str, str]:
    """The words of a bundle in English, the law's and the programmes' names among them.

    The catalogue called after the process has the last say.

    Raises:
        BadDiagram.
    """
    own = key + CATALOGUE
    names = sorted((n for n in files if n.endswith(CATALOGUE)), key=lambda n: (n == own, n))
    words = words_of_law(files) | dict(_names(files))
    for name in names:
        words |= read_catalogue(name, files[name])
    return words


def _names(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the programmes' own files call them, in both languages."""
    for name in sorted(files):
        programme = check_programme(name, files[name])[0] if name.endswith(PROGRAMME) else None
        if programme is not None:
            yield programme.name.da, programme.name.en


def catalogue_name(folder: Path) -> str:
    """Such as `en_vej_ind.en.po`."""
    return folder.resolve().name + CATALOGUE


def gaps_of(folder: Path) -> Gaps:
    """What the catalogue of a folder lacks, and what it holds in vain.

    What the shared parts' catalogue translates already need not be translated again.

    Raises:
        BadDiagram, TwoFilesOfOneName.
    """
    files, name = own_files(folder), catalogue_name(folder)
    key = folder.resolve().name
    known = english_in(shared_files(folder), key) | english_in(files, key)
    said = wording(files)
    kept = _entries(name, files.get(name, ""))
    return Gaps(
        missing=[text for text in said if text not in known],
        unused=[text for text in kept if text not in said],
    )


def completed_catalogue(folder: Path) -> str:
    """The catalogue with an empty entry for what is missing, without what nothing says.

    Raises:
        BadDiagram, TwoFilesOfOneName.
    """
    files, name = own_files(folder), catalogue_name(folder)
    before = _entries(name, files.get(name, ""))
    gaps = gaps_of(folder)
    catalogue = Catalog(locale=LANGUAGE)
    for text, places in wording(files).items():
        if text in before or text in gaps.missing:
            catalogue.add(text, before.get(text, ""), locations=[(places[0], 0)])
            catalogue[text].flags.discard("python-format")
    written = BytesIO()
    write_po(written, catalogue, width=WIDTH, include_lineno=False, omit_header=True)
    return HEADER + written.getvalue().decode("utf-8")


def _entries(name: str, text: str) -> dict[str, str]:
    """Every entry, the empty ones included."""
    return {str(m.id): str(m.string or "") for m in _read(name, text) if m.id}


def _read(name: str, text: str) -> Catalog:
    if "\0" in text:
        raise BadDiagram([_unreadable(name, "it holds a NUL")])
    try:
        return read_po(StringIO(REMARK.sub("", text)), locale=LANGUAGE, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise BadDiagram([_unreadable(name, error)]) from error


def _unreadable(name: str, error: Exception | str) -> Problem:
    return Problem(
        name,
        None,
        None,
        "not-a-catalogue",
        f"The file is not a gettext catalogue: {error}. Save it again from the translation tool.",
        f"Filen er ikke et gettext-katalog: {error}. Gem den igen fra oversættelsesværktøjet.",
    )
