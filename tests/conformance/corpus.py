"""The diagrams of this folder: each with what it proves, its scenario or why it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from lxml import etree

from processes.engine.diagram import MODEL
from processes.scenario import read_scenario

if TYPE_CHECKING:
    from processes.scenario import Scenario

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENDINGS = (".bpmn", ".dmn", ".form.json")


@dataclass(frozen=True)
class Proof:
    """One small diagram and the file of the same name beside it."""

    path: Path

    @property
    def id(self) -> str:
        """Folder and name, such as `timers/boundary_cycle`."""
        return str(self.path.relative_to(HERE).with_suffix(""))

    @property
    def group(self) -> str:
        """Its folder; for a refused one `refused`."""
        return self.path.parent.name

    @property
    def construct(self) -> str:
        """The name of its main process."""
        return self._process.get("name", "")

    @property
    def note(self) -> str:
        """One sentence: what the engine makes of it."""
        return " ".join((self._process.findtext(f"{{{MODEL}}}documentation") or "").split())

    @property
    def files(self) -> dict[str, str]:
        """The diagram and the files whose names begin as its own, such as `<name>.dmn`."""
        own = f"{self.path.stem}."
        return {
            file.name: file.read_text(encoding="utf-8")
            for file in sorted(self.path.parent.iterdir())
            if file.name.startswith(own) and file.name.endswith(ENDINGS)
        }

    @property
    def diagrams(self) -> list[str]:
        """The BPMN files of those."""
        return [text for name, text in self.files.items() if name.endswith(".bpmn")]

    @property
    def scenario(self) -> Scenario:
        """How it is played, and what must come of it."""
        beside = self.path.with_suffix(".yaml")
        return read_scenario(beside.read_text(encoding="utf-8"), beside.name)

    @property
    def refusal(self) -> tuple[str, str]:
        """The linter's rule, and the element it must find."""
        told = yaml.safe_load(self.path.with_suffix(".yaml").read_text(encoding="utf-8"))
        return told["rule"], told["element"]

    @property
    def _process(self) -> etree._Element:
        """The process that is named after folder and file, else the first."""
        processes = etree.parse(self.path).getroot().findall(f"{{{MODEL}}}process")
        key = self.id.replace("/", "_")
        return next((p for p in processes if p.get("id") == key), processes[0])


@cache
def proofs() -> tuple[list[Proof], list[Proof]]:
    """The diagrams that run and those that are refused, by group and name.

    A diagram with a dot in its name belongs to another one.
    """
    found = [Proof(path) for path in sorted(HERE.rglob("*.bpmn")) if "." not in path.stem]
    run = [proof for proof in found if "refused" not in proof.path.parts]
    return run, [proof for proof in found if proof not in run]
