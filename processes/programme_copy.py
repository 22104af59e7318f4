"""A new programme out of one that is there: the same files under another key and another name."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from sqlalchemy import select

from models.definition import Definition
from models.errors import DefinitionNotFound
from processes.bundles import read_library
from processes.deploy import deploy, newest
from processes.diagram_files import DIAGRAM, SHARED, own_files, programmes, shared_files
from processes.engine.problems import BadDiagram
from processes.engine.programme import PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.access import Person
    from processes.bundles import Library
    from processes.deploy import Deployed
    from processes.turn import Turn

KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_KEY, LONGEST_NAME = 40, 80
NAME = re.compile(r"[\w][\w .,&()/–-]*")
SCENARIOS = "scenarios"
MARKUP = (DIAGRAM, ".dmn")
README = """# {name}

Made from the programme *{source}*. Its diagrams, forms, decisions and scenarios are copies that
belong to this folder; what is called from `{shared}/` is shared with all programmes.

1. Go through `{key}.programme.json`: name, summary, every value and where it stands.
2. Draw what is different, and play the scenarios with `vejviser simulate`.
3. Write on this page what the programme is.
"""


class CannotCopy(Exception):
    """There will be no new programme; the text says why and what to do."""


class BadKey(CannotCopy):
    """The key cannot be an id."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"'{key}' cannot be a key. Write at most {LONGEST_KEY} small letters from a to z, "
            "digits and single _ between them, beginning with a letter: such as klar_til_start."
        )


class BadName(CannotCopy):
    """The name would break a file."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"'{name}' cannot be a name. Write at most {LONGEST_NAME} letters, digits, spaces and "
            "the signs . , & ( ) / - beginning with a letter or digit."
        )


class KeyTaken(CannotCopy):
    """A folder or a process has the key."""

    def __init__(self, key: str, where: Path | str) -> None:
        super().__init__(f"There is a '{key}' already, in {where}. Choose another key.")


class NoProgramme(CannotCopy):
    """Nothing to copy from."""

    def __init__(self, source: Path, there: list[Path]) -> None:
        names = ", ".join(path.name for path in there) or "none"
        super().__init__(
            f"There is no programme in {source}. Name one with --from; there are: {names}."
        )


def copy_programme(source: Path, into: Path, key: str, name: str) -> Path:
    """The folder of a new programme `key`, made of the one in `source`.

    If `into` has no shared parts yet they come along.

    Raises:
        CannotCopy: the key or name cannot be used, the key is taken, or `source` is no programme.
        BadDiagram: a file of the source cannot be read.
    """
    _refuse_words(key, name)
    own = _own(source)
    _refuse_taken(key, into)
    names = _Names(read_library(own), source.resolve().name, key, name)
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=".") as place:
        new = Path(place) / key
        new.mkdir()
        for file, text in (*_written(own, names), *_beside_the_bundle(source, names)):
            (new / file).parent.mkdir(exist_ok=True)
            (new / file).write_text(text, encoding="utf-8")
        _bring_shared(source, into)
        new.rename(into / key)
    return into / key


def copy_deployed(turn: Turn, source: str, key: str, name: str, by: Person) -> Deployed:
    """A new programme `key`, deployed, made of the newest version of a deployed one.

    What was deployed together with the source for the first time is its own and copied; what it
    calls besides stays shared.

    Raises:
        BadKey, BadName, KeyTaken, DefinitionNotFound, NotAllowed, DiagramsRefused.
    """
    _refuse_words(key, name)
    last = newest(turn, source)
    if last is None:
        raise DefinitionNotFound(source)
    files = _own_of(turn, last)
    library = read_library(files)
    names = _Names(library, source, key, name)
    known = set(turn.session.scalars(select(Definition.key).distinct()))
    for taken in known & set(names.processes.values()):
        raise KeyTaken(taken, "the published processes")
    return deploy(turn, dict(_written(files, names)), "", by)


def said_name(key: str) -> str:
    """A key as a name, for want of a better one."""
    return key.replace("_", " ").capitalize()


def _own_of(turn: Turn, last: Definition) -> dict[str, str]:
    """The files of a deployed programme that no process besides has as they are."""
    first = (
        select(Definition.deployment_id)
        .where(Definition.key == last.key)
        .order_by(Definition.version)
        .limit(1)
        .scalar_subquery()
    )
    query = select(Definition.key).where(Definition.deployment_id == first)
    own = {last.key, *turn.session.scalars(query)}
    others = {
        key: definition
        for key in read_library(last.files).processes
        if key not in own and (definition := newest(turn, key))
    }
    shared = {item for each in others.values() for item in each.files.items()}
    drawn = {each.main_file for each in others.values()}
    return {
        name: text
        for name, text in last.files.items()
        if (name, text) not in shared and name not in drawn
    }


# -- what is refused ---------------------------------------------------------------------------


def _refuse_words(key: str, name: str) -> None:
    if not KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        raise BadKey(key)
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise BadName(name)


def _refuse_taken(key: str, into: Path) -> None:
    where = _keys(into).get(key)
    if where is not None:
        raise KeyTaken(key, where)


def _keys(diagrams: Path) -> dict[str, Path]:
    """Every folder and every process below a folder of programmes, with where it is."""
    if not diagrams.is_dir():
        return {}
    found = {path.name: path for path in diagrams.iterdir()}
    for folder in (*programmes(diagrams), diagrams / SHARED):
        for process in _read(own_files(folder)).processes:
            found.setdefault(process, folder)
    return found


def _read(files: Mapping[str, str]) -> Library:
    """What can be read of a folder, so that a broken neighbour stops nobody."""
    try:
        return read_library(files)
    except BadDiagram:
        return read_library({})


def _own(source: Path) -> dict[str, str]:
    own = own_files(source) if source.is_dir() else {}
    if f"{source.resolve().name}{DIAGRAM}" not in own:
        raise NoProgramme(source, _beside(source))
    return own


def _beside(source: Path) -> list[Path]:
    above = source.resolve().parent
    return programmes(above) if above.is_dir() else []


# -- what it becomes ---------------------------------------------------------------------------


class _Names:
    """The words of one programme, and those of the one it becomes."""

    def __init__(self, library: Library, old: str, key: str, name: str) -> None:
        self.old, self.key, self.name = old, key, name
        self.old_name = library.processes[old].name if old in library.processes else ""
        self.processes = {one: self._process(one) for one in library.processes}
        self.files = {
            process.file: self._diagram(process.file) for process in library.processes.values()
        }

    def file(self, file: str) -> str:
        """The file's new name; forms and tables without the key in theirs keep it."""
        process = file.removesuffix(PROGRAMME)
        if process in self.processes:
            return f"{self.processes[process]}{PROGRAMME}"
        return self.files.get(file) or self._keyed(file)

    def text(self, file: str, text: str) -> str:
        """The file's text in the new words."""
        for old, new in self.processes.items():
            if old != self.old:
                text = _called_anew(text, old, new)
        dashed = self.old.replace("_", "-"), self.key.replace("_", "-")
        text = re.sub(rf"(?<=@)([a-z0-9.-]*)\b{re.escape(dashed[0])}\b", rf"\1{dashed[1]}", text)
        text = self._keyed(text)
        if not self.old_name:
            return text
        if file.endswith(MARKUP):
            return text.replace(escape(self.old_name), escape(self.name))
        return text.replace(self.old_name, self.name)

    def _keyed(self, text: str) -> str:
        """The key wherever it stands as a word of its own, or between underscores."""
        return re.sub(rf"(?<![A-Za-z0-9]){self.old}(?![A-Za-z0-9])", self.key, text)

    def _process(self, old: str) -> str:
        if old == self.old:
            return self.key
        return f"{self.key}_{old.removeprefix(f'{self.old}_')}"

    def _diagram(self, file: str) -> str:
        stem = file.removesuffix(DIAGRAM)
        return f"{self._process(stem)}{DIAGRAM}"


def _called_anew(text: str, old: str, new: str) -> str:
    """A process of the programme's own under its new id, where it is drawn, called and played."""
    drawn = re.search(rf'<(?:\w+:)?process\b[^>]*\bid="{old}"', text)
    text = re.sub(rf'\b(calledElement|processRef)="{old}"', rf'\1="{new}"', text)
    text = re.sub(rf"(?m)^(process:\s*){old}\s*$", rf"\g<1>{new}", text)
    if drawn:
        text = re.sub(rf'(<(?:\w+:)?process\b[^>]*\bid=)"{old}"', rf'\1"{new}"', text)
        text = re.sub(rf'\bbpmnElement="{old}"', f'bpmnElement="{new}"', text)
    return text


def _written(files: Mapping[str, str], names: _Names) -> Iterator[tuple[str, str]]:
    """New file name, and new text."""
    for file, text in files.items():
        main = file == f"{names.old}{PROGRAMME}"
        done = _settings(text, names) if main else names.text(file, text)
        yield names.file(file), done


def _beside_the_bundle(source: Path, names: _Names) -> Iterator[tuple[str, str]]:
    """What lies in a programme's folder without being deployed: scenarios, and its own page."""
    for path in sorted((source / SCENARIOS).glob("*.yaml")):
        yield f"{SCENARIOS}/{path.name}", names.text(path.name, path.read_text(encoding="utf-8"))
    said = {"name": names.name, "source": names.old_name, "key": names.key, "shared": SHARED}
    yield "README.md", README.format(**said)


def _settings(text: str, names: _Names) -> str:
    """The settings with their sources; what the sources say of the old programme stays there."""
    said = json.loads(text)
    said["name"] = {"da": names.name, "en": names.name}
    said["summary"] = json.loads(names.text("", json.dumps(said["summary"])))
    said["parameters"] = json.loads(names.text("", json.dumps(said.get("parameters", []))))
    said.pop("facts", None)
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _bring_shared(source: Path, into: Path) -> None:
    if not (into / SHARED).exists() and shared_files(source):
        shutil.copytree(source.resolve().parent / SHARED, into / SHARED)
