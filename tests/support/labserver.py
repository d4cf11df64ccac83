"""JupyterLab as a process of its own, with settings and runtime files in a temporary folder."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader import paths

START_SECONDS = 90
# A kernel whose page is gone ends after a while: there is one for each notebook that tests open.
CULL = ("cull_idle_timeout=30", "cull_interval=10")
# No news pop-up; every cell in the page, also those scrolled out of sight.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
HOMES = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}


@dataclass(frozen=True)
class Server:
    """A running JupyterLab and the folder that it shows."""

    url: str
    token: str
    root: Path

    def tree(self, path: str) -> str:
        """The address that opens a file, in a workspace without anything from before."""
        return f"{self.url}/lab/tree/{path}?token={self.token}&reset"


@contextmanager
def jupyterlab(root: Path, home: Path) -> Iterator[Server]:
    """Serve `root`, a lessons folder or a course with nbgrader_config.py; `home` is its own."""
    for plugin, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    port = free_port()
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        **{name: str(home / place) for name, place in HOMES.items()},
        "LRLAB_DATA": str(paths.DATA),
        # nbgrader's screens start alembic and nbgrader through PATH
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        *(f"--ServerApp.root_dir={root}", "--LabApp.expose_app_in_browser=True"),
        *(f"--MappingKernelManager.{each}" for each in CULL),
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]
    log = home / "log"
    with log.open("w") as file:
        # nbgrader finds nbgrader_config.py in the folder where the server was started
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, cwd=root)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/api?token={token}", process, log)
        yield Server(url, token, root)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:  # it waits for kernels that a busy machine does not end
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of this machine on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
