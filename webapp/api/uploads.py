"""The diagrams, decisions and forms of a multipart body, by file name."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from processes.diagram_files import ENDINGS
from webapp.api.body import InvalidRequest
from webapp.api.sayings import NO_SUCH_KIND, NOT_UTF8, TWICE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.datastructures import FileStorage


def texts_of(files: Iterable[FileStorage]) -> dict[str, str]:
    """File name, without folders, to text.

    Raises:
        InvalidRequest: not a kind of file that we know, not UTF-8, or a name twice.
    """
    texts: dict[str, str] = {}
    for file in files:
        name = base_name(file.filename or "")
        if not name.endswith(ENDINGS):
            raise InvalidRequest({f"files.{name}": [NO_SUCH_KIND]})
        if name in texts:
            raise InvalidRequest({f"files.{name}": [TWICE]})
        texts[name] = text_of(file, f"files.{name}")
    return texts


def text_of(file: FileStorage, field: str) -> str:
    """The file's text, without a byte order mark.

    Raises:
        InvalidRequest: it is not UTF-8.
    """
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest({field: [NOT_UTF8]}) from error


def base_name(path: str) -> str:
    return PureWindowsPath(PurePosixPath(path).name).name
