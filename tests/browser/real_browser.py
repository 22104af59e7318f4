"""A real Chromium without a download: from the npm package, else the system's own.

`look_for_violations` asks axe-core; the pages keep their strict content security policy.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / "node_modules"
PACKED = NODE_MODULES / "@sparticuz" / "chromium"
UNPACKED = NODE_MODULES / ".cache" / "chromium"
FONTS = NODE_MODULES / "dkfds" / "src" / "fonts" / "IBMPlexSans" / "complete" / "ttf"
SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
    "--lang=da-DK",
]

UNPACK = """
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
const at = (file) => pathToFileURL(join(process.argv[1], 'build', file)).href;
const { default: chromium, inflate } = await import(at('index.js'));
await chromium.executablePath();
await inflate(join(process.argv[1], 'bin', 'al2023.tar.br'));
"""
"""The browser, and the libraries it wants where the system lacks them."""

FONT_SETTINGS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern">
    <edit name="family" mode="append_last"><string>IBM Plex Sans</string></edit>
  </match>
</fontconfig>
"""


def executable() -> Path:
    """The browser to start; unpacked once for all test processes.

    Raises:
        FileNotFoundError: neither the npm package nor a system browser is there.
    """
    if PACKED.exists():
        return _unpacked()
    for name in SYSTEM_BROWSERS:
        if found := shutil.which(name):
            return Path(found)
    raise FileNotFoundError(PACKED)


def environment() -> dict[str, str | float | bool]:
    """What the browser finds around it: fonts, and libraries where the system has none."""
    settings = Path(tempfile.gettempdir()) / f"vejviser-fonts-{os.getuid()}"
    settings.mkdir(exist_ok=True)
    file = settings / f"{os.getpid()}.conf"
    file.write_text(FONT_SETTINGS.format(fonts=FONTS, cache=settings / "cache"), encoding="utf-8")
    around = {**os.environ, "FONTCONFIG_FILE": str(file), "LANG": "da_DK.UTF-8"}
    libraries = UNPACKED / "al2023" / "lib"
    if libraries.exists() and _lacks_libraries():
        around["LD_LIBRARY_PATH"] = str(libraries)
    return dict(around)


def _unpacked() -> Path:
    UNPACKED.mkdir(parents=True, exist_ok=True)
    browser, done = UNPACKED / "chromium", UNPACKED / ".done"
    with (UNPACKED / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            browser.unlink(missing_ok=True)
            subprocess.run(
                [_node(), "--input-type=module", "--eval", UNPACK, str(PACKED)],
                check=True,
                env={**os.environ, "TMPDIR": str(UNPACKED)},
            )
            done.touch()
    return browser


def _node() -> str:
    ours = ROOT / ".venv" / "bin" / "node"
    return str(ours) if ours.exists() else "node"


def _lacks_libraries() -> bool:
    listed = subprocess.run(
        ["ldd", str(UNPACKED / "chromium")], check=False, capture_output=True, text=True
    )
    return "not found" in listed.stdout


def violations(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA, a line each; `without` leaves rules out."""
    page.evaluate((NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(
        """async (without) => {
          const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
          const rules = Object.fromEntries(without.map((id) => [id, { enabled: false }]));
          const { violations } = await axe.run(document, {
            runOnly: { type: 'tag', values: tags }, rules });
          return violations;
        }""",
        list(without),
    )
    return [
        f"{rule['id']}: {rule['help']} @ {node['target']} {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


def assert_no_axe_violations(page: Page, *, without: tuple[str, ...] = ()) -> None:
    """Fail with every violation and its place on the page."""
    found = violations(page, without=without)
    assert not found, "\n".join(found)
