"""A real JupyterLab on a copy of lessons/, and a real Chromium to look at it."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from grader import paths

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60
ARTIFACTS = paths.ROOT / "tests" / "artifacts"


class Lab:
    """Opens notebooks in JupyterLab and reads what a person would see."""

    def __init__(self, page, url: str, token: str) -> None:
        self.page, self._url, self._token = page, url, token

    def open(self, path: str) -> None:
        """Open a notebook and wait until its kernel is idle."""
        self.page.goto(f"{self._url}/lab/tree/{path}?token={self._token}&reset")
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        self.page.wait_for_function(
            "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
            timeout=60_000,
        )

    def run_all(self) -> list[str]:
        """Run every cell; return the errors, read from the notebook's model."""
        self.page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        return self.page.evaluate(
            """[...jupyterapp.shell.currentWidget.content.model.cells].flatMap(cell =>
                 (cell.toJSON().outputs ?? []).filter(output => output.output_type === 'error')
                   .map(output => output.ename + ': ' + output.evalue))"""
        )

    def screenshot(self, name: str, locator=None) -> None:
        """Keep a picture of what is on the screen, for people to look at."""
        ARTIFACTS.mkdir(exist_ok=True)
        (locator or self.page).screenshot(path=ARTIFACTS / f"{name}.png")


def _settings(folder: Path) -> None:
    """No news pop-up; every cell in the page, also those scrolled out of sight."""
    for plugin, values in {
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "notebook-extension/tracker": {"windowingMode": "none"},
    }.items():
        path = folder / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab on a copy of lessons/; yields its address and token."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(paths.LESSONS, folder / "lessons", ignore=shutil.ignore_patterns("__pycache__"))
    _settings(folder / "settings")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    homes = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    environment = {
        **os.environ,
        **{name: str(folder / place) for name, place in homes.items()},
        "LRLAB_DATA": str(paths.DATA),
    }
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        f"--ServerApp.root_dir={folder / 'lessons'}",
        "--LabApp.expose_app_in_browser=True",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/api?token={token}", process, folder / "log")
        yield url, token
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def lab(server):
    """A browser window on the server. Skipped, loudly, where no Chromium is installed."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: run `sudo apt-get install chromium`")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(180_000)
        yield Lab(page, *server)
        browser.close()
