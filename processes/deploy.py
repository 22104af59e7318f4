"""Deploy diagrams: check them, pin everything a version needs, number it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from models.account import AccountRole
from models.definition import Definition, Deployment, pack
from models.errors import DefinitionNotFound, DiagramsRefused, NotAllowed
from processes.access import may
from processes.bundles import bundle_of, read_library
from processes.catalogues import english_in
from processes.diagram_files import DIAGRAM, programme_files, shared_files
from processes.engine import load_definition
from processes.engine.problems import BadDiagram, Problem
from processes.engine.statutes import STATUTES, naming
from processes.lint import lint
from processes.lint.positions import located
from processes.starts import arm_starts
from processes.statutes import deployed_statutes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from processes.access import Person
    from processes.bundles import Files, Library
    from processes.engine.diagram import Process
    from processes.turn import Turn

ONE_AT_A_TIME = 7_001
"""Key of the advisory lock that numbers versions without gaps or doubles."""

DEFAULT_OWNER = "Koordinator"


@dataclass(frozen=True)
class Deployed:
    """What one act of deploying came to."""

    deployment: Deployment
    definitions: list[Definition]
    """One for each process: the new version, or the newest where nothing had changed."""

    warnings: list[Problem]

    @property
    def id(self) -> UUID:
        """The deployment's id."""
        return self.deployment.id


def deploy(turn: Turn, files: Files, note: str, by: Person) -> Deployed:
    """Make the processes in `files` startable; running cases stay on their versions.

    A process whose bundle is the same as that of its newest version gets no new one.

    Raises:
        NotAllowed, DiagramsRefused.
    """
    if not may(by, "definitions.deploy"):
        raise NotAllowed(by.name, "deploy diagrams")
    turn.session.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    library = _read(files)
    _add_statutes(turn, library)
    bundles = _bundles(turn, library)
    warnings = _check(turn, library, bundles)
    deployment = Deployment(created_at=turn.now, created_by=by.name, note=note)
    turn.session.add(deployment)
    definitions = [
        _version(turn, deployment, library.processes[key], bundle)
        for key, bundle in bundles.items()
    ]
    turn.session.flush()
    return Deployed(deployment, definitions, warnings + _armed(turn, definitions))


def deploy_file(turn: Turn, key: str, file: str, text: str, note: str, by: Person) -> Deployed:
    """A new version of one process in which nothing but one file has changed.

    What it calls stays as its newest version has it, whatever was deployed since. No version comes
    of a text that is there already.

    Raises:
        NotAllowed, DefinitionNotFound, DiagramsRefused.
    """
    if not may(by, "definitions.deploy"):
        raise NotAllowed(by.name, "deploy diagrams")
    turn.session.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    last = newest(turn, key)
    if last is None:
        raise DefinitionNotFound(key)
    bundle = {**last.files, file: text}
    process = _read({last.main_file: bundle[last.main_file]}).processes[key]
    others = {name: other for name, other in bundle.items() if name != file}
    problems = lint({file: text}, turn.engine.feel, deployed=others)
    if not any(problem.severity == "error" for problem in problems):
        problems += _compiled({key: bundle})
    if any(problem.severity == "error" for problem in problems):
        raise DiagramsRefused(list(located(problems, {file: text})))
    deployment = Deployment(created_at=turn.now, created_by=by.name, note=note)
    turn.session.add(deployment)
    definition = _version(turn, deployment, process, bundle)
    turn.session.flush()
    return Deployed(deployment, [definition], problems + _armed(turn, [definition]))


def deploy_programme(turn: Turn, key: str, files: Files, note: str, by: Person) -> Deployed:
    """A new version of one process from `files`: its last ones, some of them changed.

    What it calls comes as the newest version has it, except where a diagram of it was changed
    too: that becomes a version of its own first. So what was published of a shared part since
    this programme's last version is taken up, and never taken back.

    Raises:
        NotAllowed, DefinitionNotFound, DiagramsRefused.
    """
    last = newest(turn, key)
    if last is None:
        raise DefinitionNotFound(key)
    changed = {name for name, text in files.items() if last.files.get(name) != text}
    parts = list(_parts(turn, last))
    for part in parts:
        if part.main_file in changed:
            deploy_file(turn, part.key, part.main_file, files[part.main_file], note, by)
    drawn = {part.main_file for part in parts}
    outdated = {name for part in parts for name in _outdated(turn, part, last.files)} - changed
    own = {name: text for name, text in files.items() if name not in drawn | outdated}
    return deploy(turn, own, note, by)


def _parts(turn: Turn, last: Definition) -> Iterator[Definition]:
    """The newest versions of the processes that other files of a version draw."""
    diagrams = {
        name: text
        for name, text in last.files.items()
        if name.endswith(DIAGRAM) and name != last.main_file
    }
    for key in read_library(diagrams).processes:
        part = newest(turn, key)
        if part is not None:
            yield part


def _outdated(turn: Turn, part: Definition, files: Files) -> set[str]:
    """The files that are as an earlier version of the part had them: not anybody's own."""
    differ = {name for name, text in part.files.items() if files.get(name, text) != text}
    if not differ:
        return set()
    earlier = turn.session.scalars(
        select(Definition)
        .where(Definition.key == part.key, Definition.version < part.version)
        .options(undefer(Definition.bundle))
    ).all()
    return {name for one in earlier for name in differ if one.files.get(name) == files[name]}


def deploy_folder(turn: Turn, folder: Path, note: str, by: Person) -> Deployed:
    """Deploy the parts that all programmes share, then the programme in `folder`.

    Raises:
        NotAllowed, DiagramsRefused, TwoFilesOfOneName.
    """
    shared, own = shared_files(folder), programme_files(folder)
    if not shared or shared == own:
        return deploy(turn, own, note, by)
    parts = deploy(turn, shared, note, by)
    done = deploy(turn, own, note, by)
    return replace(
        done,
        definitions=[*parts.definitions, *done.definitions],
        warnings=[*parts.warnings, *done.warnings],
    )


def newest(turn: Turn, key: str) -> Definition | None:
    """The newest version of a process, its bundle loaded."""
    return turn.session.scalar(
        select(Definition)
        .where(Definition.key == key)
        .order_by(Definition.version.desc())
        .limit(1)
        .options(undefer(Definition.bundle))
    )


def _add_statutes(turn: Turn, library: Library) -> None:
    """Diagrams that name statutes and bring no list of them have the one in use."""
    named = any(True for process in library.processes.values() for _ in naming(process))
    known = deployed_statutes(turn.session) if named and STATUTES not in library.files else None
    if known is not None:
        library.files[STATUTES] = known


def _read(files: Files) -> Library:
    try:
        return read_library(files)
    except BadDiagram as bad:
        raise DiagramsRefused(list(located(bad.problems, files))) from bad


def _bundles(turn: Turn, library: Library) -> dict[str, Files]:
    def elsewhere(key: str) -> Files:
        deployed = newest(turn, key)
        return deployed.files if deployed else {}

    return {process.id: bundle_of(process, library, elsewhere) for process in library.executable()}


def _check(turn: Turn, library: Library, bundles: dict[str, Files]) -> list[Problem]:
    """The warnings, if there is nothing worse.

    Raises:
        DiagramsRefused.
    """
    problems = _judged(turn, library, bundles)
    if not any(problem.severity == "error" for problem in problems):
        problems += _compiled(bundles)
    if not bundles:
        problems.append(_nothing(library))
    if any(problem.severity == "error" for problem in problems):
        raise DiagramsRefused(list(located(problems, library.files)))
    return problems


def _judged(turn: Turn, library: Library, bundles: dict[str, Files]) -> list[Problem]:
    """What the linter says of the upload, with the deployed files around it."""
    around = {
        name: text
        for bundle in bundles.values()
        for name, text in bundle.items()
        if name not in library.files
    }
    processes = turn.session.scalars(select(Definition.key).distinct())
    roles = turn.session.scalars(select(AccountRole.role).distinct())
    return lint(library.files, turn.engine.feel, deployed=around, processes=processes, roles=roles)


def _compiled(bundles: dict[str, Files]) -> list[Problem]:
    """What the engine cannot run although the linter found nothing to say."""
    found: dict[Problem, None] = {}
    for key, bundle in bundles.items():
        try:
            load_definition(key, bundle)
        except BadDiagram as bad:
            found |= dict.fromkeys(bad.problems)
    return list(found)


def _armed(turn: Turn, definitions: list[Definition]) -> list[Problem]:
    """Arm what begins cases by itself; the warnings.

    Raises:
        DiagramsRefused.
    """
    try:
        return [problem for one in definitions for problem in arm_starts(turn, one.id)]
    except BadDiagram as bad:
        raise DiagramsRefused(bad.problems) from bad


def _nothing(library: Library) -> Problem:
    return Problem(
        file=next(iter(library.files), ""),
        element=None,
        line=None,
        rule="no-process",
        message="The files hold no process. Deploy at least one BPMN diagram with a process.",
        message_da="Filerne indeholder ingen proces. Udgiv mindst ét BPMN-diagram med en proces.",
    )


def _version(turn: Turn, deployment: Deployment, process: Process, bundle: Files) -> Definition:
    last = newest(turn, process.id)
    packed = pack(bundle)
    if last is not None and last.bundle == packed:
        return last
    definition = Definition(
        deployment=deployment,
        key=process.id,
        version=last.version + 1 if last else 1,
        name=process.name,
        name_en=english_in(bundle, process.id).get(process.name),
        owner_role=process.owner_role or next(iter(process.lanes), DEFAULT_OWNER),
        bundle=packed,
        main_file=process.file,
        created_at=turn.now,
    )
    turn.session.add(definition)
    return definition
