"""A dask scheduler and workers, started by hand as INSTRUCTORS.md says, on their own "machines"."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
from distributed import Client
from killing import kill_tree
from labserver import free_port

DASK = (sys.executable, "-m", "dask")
START_SECONDS = 60


class Machines:
    """Each program runs in a folder of its own and sees nothing else below `folder`.

    Use as a context manager: at its end all of them are killed. `pem` is a folder with a
    certificate, cert.pem, that signs itself, and its key.pem: with it they talk TLS.
    """

    def __init__(self, folder: Path, pem: Path | None = None) -> None:
        self._folder = folder
        self._port = free_port()
        self.address = f"{'tls' if pem else 'tcp'}://127.0.0.1:{self._port}"
        self._tls: tuple[str, ...] = ()
        if pem:
            cert, key = str(pem / "cert.pem"), str(pem / "key.pem")
            self._tls = ("--tls-ca-file", cert, "--tls-cert", cert, "--tls-key", key)
        self._programs: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> Machines:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._programs):
            self.kill(name)

    def disk(self, name: str) -> Path:
        """All that a machine can write to."""
        return self._folder / "machines" / name

    def start_scheduler(self) -> None:
        options = ("--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard")
        if self._tls:
            options += ("--protocol", "tls")
        self._start("scheduler", "scheduler", *options)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, "the scheduler does not start"
                time.sleep(0.1)

    def start_worker(self, name: str) -> None:
        self._start(name, "worker", self.address, "--nthreads", "1", "--no-dashboard")

    def await_workers(self, count: int) -> None:
        """Wait until so many workers are at the scheduler's. Raises TimeoutError."""
        with Client(self.address) as client:
            client.wait_for_workers(count, timeout=START_SECONDS)

    def runs(self, name: str) -> bool:
        return self._programs[name].poll() is None

    def kill(self, name: str) -> None:
        """SIGKILL to a program and all that it started."""
        kill_tree(self._programs.pop(name))

    def stop(self, name: str, how: signal.Signals = signal.SIGSTOP) -> None:
        """Have the process of a worker hang; its nanny lives on."""
        program = psutil.Process(self._programs[name].pid)
        *_, worker = (
            each
            for each in program.children(recursive=True)
            if any("spawn_main" in word for word in each.cmdline())
        )
        worker.send_signal(how)

    def _start(self, name: str, *command: str) -> None:
        disk = self.disk(name)
        disk.mkdir(parents=True, exist_ok=True)
        alone = ("bwrap", "--dev-bind", "/", "/", "--tmpfs", str(self._folder))
        alone += ("--bind", str(disk), str(disk), "--chdir", str(disk))
        self._programs[name] = subprocess.Popen(
            [*alone, *DASK, *command, *self._tls],
            env={**os.environ, "HOME": str(disk), "TMPDIR": str(disk)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
