"""A PostgreSQL server of the tests' own: Debian's programs, a loopback port, a temporary folder."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

import psycopg
from killing import kill_tree
from labserver import free_port

START_SECONDS = 60


def programs() -> Path | None:
    """Where initdb and postgres lie; Debian keeps them out of PATH. None if they are nowhere."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    path = shutil.which("initdb") or (str(found[-1]) if found else None)
    return Path(path).parent if path else None


class Postgres:
    """Started by the constructor; `kill` and `start` it as often as you like.

    Args:
        folder: an empty folder that every user can reach.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._data = programs, folder / "data"
        self._as: dict[str, object] = {"cwd": folder}
        if os.geteuid() == 0:  # which PostgreSQL refuses to be
            user = _ordinary_user()
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._port = free_port()
        self._names = (f"course{number}" for number in itertools.count())
        options = ("-U", "grader", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self._run("initdb", "-D", str(self._data), *options)
        self.start()

    def start(self) -> None:
        """Start the server, which repairs what a kill has left, and wait until it answers."""
        options = ("-D", str(self._data), "-h", "127.0.0.1", "-p", str(self._port))
        self._server = subprocess.Popen(
            [self._programs / "postgres", *options, "-k", "", "-F"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as,
        )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL to the server and all of its processes."""
        kill_tree(self._server)

    def url(self, database: str) -> str:
        return f"postgresql://grader@127.0.0.1:{self._port}/{database}"

    def new_database(self, options: str = "") -> str:
        """Make an empty database, with options of CREATE DATABASE; return its URL."""
        name = next(self._names)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def _run(self, program: str, *options: str) -> None:
        command = [self._programs / program, *options]
        done = subprocess.run(command, capture_output=True, text=True, **self._as)
        assert done.returncode == 0, done.stderr


def _ordinary_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LookupError("There is no ordinary user as whom PostgreSQL could run.")
