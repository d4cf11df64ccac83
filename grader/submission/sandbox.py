"""The wall: bubblewrap around a warm process, a fresh child per submission, limits from outside."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from grader import paths
from lrlab.checking.observe import MESSAGE_CHARS_KEPT

ANSWER_BYTES = 32 * 2**20
START_SECONDS = 120
GRACE_SECONDS = 3  # the alarm inside rings first
END_SECONDS = 1  # to exit by itself after the last word
SYSTEM_FOLDERS = (
    *("/lib", "/lib64", "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64"),
    *("/usr/local/bin", "/usr/local/lib", "/usr/share/fonts", "/usr/share/fontconfig"),
    *("/usr/share/zoneinfo", "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache"),
)
SYSTEM_PREFIXES = (Path("/usr"), Path("/usr/local"))


class NoSandbox(RuntimeError):
    """bubblewrap is missing or cannot work here; the message says what to do."""


class Wall(StrEnum):
    """What stands between learners' code and this machine."""

    bwrap = "bwrap"
    none = "none"


@dataclass(frozen=True)
class Limits:
    """What one submission may use. `cell_seconds` and `seconds` are wall-clock time."""

    cell_seconds: int = 20
    seconds: int = 120
    memory_bytes: int = 2 * 2**30
    file_bytes: int = 32 * 2**20
    tmp_bytes: int = 64 * 2**20
    processes: int = 64
    open_files: int = 64
    printed_chars: int = 2**20


@dataclass
class Ran:
    """What came out of a run; all but `ended` and `exit_code` was written by a stranger.

    Attributes:
        ended: done | crashed | timeout | memory | flooded
        observed: cell number → codec text
        printed: cell number → what the cell printed
        failed: cell number → (type, message) of the exception that ended the cell
        last_cell: number of the last cell that was begun
    """

    ended: str = "crashed"
    observed: dict[int, str] = field(default_factory=dict)
    printed: dict[int, str] = field(default_factory=dict)
    failed: dict[int, tuple[str, str]] = field(default_factory=dict)
    last_cell: int = -1
    exit_code: int = 0


class Sandbox:
    """One warm process behind the wall. Use as a context manager; `run` may be called often.

    Args:
        limits: what one submission may use.
        wall: "bwrap", or "none" for notebooks that you trust: their code then runs as you.
    """

    def __init__(self, limits: Limits | None = None, wall: str = Wall.bwrap) -> None:
        self.limits = limits or Limits()
        self.wall = wall
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ready = False
        self._scratch = tempfile.TemporaryDirectory(prefix="grader-")

    def __enter__(self) -> Sandbox:
        self._launch()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._scratch.cleanup()

    def run(self, job: list[dict[str, Any]]) -> Ran:
        """Run one job in a fresh child. If the warm process dies of it, try once more in a new one.

        Raises NoSandbox if no new one can be started.
        """
        for _ in range(2):
            self._await_ready()
            with contextlib.suppress(OSError):
                return self._run(job)
            self._stop()
        return Ran(ended="crashed")

    def _run(self, job: list[dict[str, Any]]) -> Ran:
        """Raises OSError when the warm process is gone."""
        ran = Ran()
        with tempfile.TemporaryFile() as job_file:
            job_file.write(json.dumps(job).encode())
            job_file.seek(0)
            answers, answer_end = os.pipe()
            with open(answers, "rb", buffering=0) as pipe:
                try:
                    fds = [job_file.fileno(), answer_end]
                    limits = json.dumps(asdict(self.limits)).encode()
                    socket.send_fds(self._control, [limits], fds)
                finally:
                    os.close(answer_end)
                self._collect(pipe, ran)
                self._end(ran)
        return ran

    def _collect(self, pipe: Any, ran: Ran) -> None:
        """Read bounded lines until the pipe closes, the child ends, or a limit is reached."""
        started = cell_started = time.monotonic()
        received, unfinished = 0, bytearray()
        while True:
            now = time.monotonic()
            left = min(
                started + self.limits.seconds - now,
                cell_started + self.limits.cell_seconds + GRACE_SECONDS - now,
            )
            ready, _, _ = select.select([pipe, self._control], [], [], max(left, 0))
            if not ready:
                ran.ended = "timeout"
                return
            chunk = pipe.read(65_536) if pipe in ready else b""
            if not chunk:
                return
            received += len(chunk)
            if received > ANSWER_BYTES:
                ran.ended = "flooded"
                return
            unfinished += chunk
            if b"\n" not in chunk:
                continue
            *lines, rest = bytes(unfinished).split(b"\n")
            unfinished = bytearray(rest)
            for line in lines:
                if _understand(line, ran):
                    cell_started = time.monotonic()

    def _end(self, ran: Ran) -> None:
        """Have the child killed if it still lives, and note how it ended."""
        ready, _, _ = select.select([self._control], [], [], END_SECONDS)
        if not ready:
            self._control.send(b"kill")
        reply = self._control.recv(65_536)
        if not reply:
            raise OSError("the warm process is gone")
        ended = json.loads(reply)
        ran.exit_code = ended["exit"]
        if ended["memory"]:
            ran.ended = "memory"

    def _launch(self) -> None:
        """Start the warm process; it takes seconds until it is ready."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "inside", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*_walls(), *command] if self.wall == Wall.bwrap else command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
                env=self._environment(),
            )
        self._control, self._ready = ours, False
        ours.settimeout(START_SECONDS)

    def _await_ready(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._launch()
        if self._ready:
            return
        with contextlib.suppress(OSError):
            self._ready = self._control.recv(65_536) == b"ready"
        if not self._ready:
            self._process.kill()
            complaint = self._process.communicate()[1].decode(errors="replace").strip()
            self._stop()
            raise NoSandbox(f"The sandbox does not start: {complaint[-500:] or 'no reason given'}")

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
        self._process = self._control = None

    def _environment(self) -> dict[str, str]:
        """All that the code inside finds in its environment: nothing of the instructor's."""
        walled = self.wall == Wall.bwrap
        scratch = "/scratch" if walled else self._scratch.name
        return {
            "PATH": os.pathsep.join([f"{sys.prefix}/bin", "/usr/bin", "/bin"]),
            "PYTHONPATH": "/course" if walled else f"{paths.INSIDE.parent}:{paths.LRLAB.parent}",
            "PYTHONDONTWRITEBYTECODE": "1",
            **dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), scratch),
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
        }


def _understand(line: bytes, ran: Ran) -> bool:
    """Take in one line of the child's answers; return whether a new cell was begun."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(message, dict):
        return False
    if message.get("done") is True:
        ran.ended = "done"
    cell = message.get("cell")
    if type(cell) is not int or cell < 0:
        return False
    if isinstance(message.get("observed"), str):
        ran.observed.setdefault(cell, message["observed"])
    if isinstance(message.get("printed"), str):
        ran.printed.setdefault(cell, _text(message["printed"]))
    failed = message.get("failed")
    if isinstance(failed, dict):
        kind, words = (_text(failed.get(name))[:MESSAGE_CHARS_KEPT] for name in ("type", "message"))
        ran.failed.setdefault(cell, (kind, words))
    begun = cell > ran.last_cell
    ran.last_cell = max(cell, ran.last_cell)
    return begun


def _text(value: Any) -> str:
    """A stranger's text in a form that can be written to any file."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def check_linux() -> None:
    """Raise NoSandbox, with what to do, on a system that has no namespaces to wall code in."""
    if sys.platform != "linux":
        raise NoSandbox(
            "Grading needs Linux: learners' code runs walled in by Linux's namespaces, so nothing "
            "was run. On Windows use WSL, on a Mac a Linux container (.devcontainer/ has one)."
        )


def check_wall() -> None:
    """Raise NoSandbox, with what to do, unless bubblewrap is there and works."""
    check_linux()
    if shutil.which("bwrap") is None:
        raise NoSandbox(
            "bubblewrap is not installed, so nothing was run. "
            "On Debian or Ubuntu: sudo apt-get install bubblewrap"
        )
    tried = subprocess.run([*_walls(), "/usr/bin/true"], capture_output=True, text=True)
    if tried.returncode != 0:
        raise NoSandbox(
            f"bubblewrap does not work here ({tried.stderr.strip()[-300:]}), so nothing was run. "
            "It needs user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1, and on "
            "Ubuntu 24.04 and later also kernel.apparmor_restrict_unprivileged_userns=0"
        )


def _walls() -> Iterator[str]:
    """The bubblewrap command: Python and lrlab, read-only, and nothing else of this machine."""
    yield shutil.which("bwrap") or "bwrap"
    if os.geteuid() == 0:  # no user namespace: the code inside then becomes an ordinary user
        yield from ("--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts")
        yield from ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    else:
        yield "--unshare-all"
    yield from ("--die-with-parent", "--proc", "/proc", "--dev", "/dev")
    yield from ("--perms", "0777", "--tmpfs", "/scratch")  # each child mounts its own on top
    for place in SYSTEM_FOLDERS:
        if os.path.islink(place):
            yield from ("--symlink", os.readlink(place), place)
        elif os.path.exists(place):
            yield from _bind(Path(place), Path(place))
    covered = []
    prefixes = {Path(sys.prefix), Path(sys.base_prefix)}
    for prefix in sorted(prefixes.difference(SYSTEM_PREFIXES)):  # one may lie within the other
        yield from _bind(prefix, prefix)
        if prefix in paths.ROOT.parents:  # the answers lie within Python's own folder
            covered.append(paths.ROOT)
            yield from _cover(paths.ROOT)
    for prefix in prefixes.union(SYSTEM_PREFIXES):
        # What an installed lrlab holds of the lessons: expected values among it.
        for lessons in prefix.glob("lib/python*/*-packages/lrlab/lessons"):
            covered.append(lessons)
            yield from _cover(lessons)
    yield from _bind(paths.LRLAB, Path("/course/lrlab"))
    yield from _bind(paths.INSIDE, Path("/course/inside"))
    for place in (*covered, "/"):
        yield from ("--remount-ro", str(place))
    yield from ("--chdir", "/scratch")


def _cover(place: Path) -> Iterator[str]:
    """Show an empty folder in its place; the caller makes it read-only when all mounts are made."""
    yield from ("--perms", "0755", "--tmpfs", str(place))


def _bind(source: Path, place: Path) -> Iterator[str]:
    for parent in reversed(place.parents[:-1]):  # bubblewrap would make them for root alone
        yield from ("--perms", "0755", "--dir", str(parent))
    yield from ("--ro-bind", str(source), str(place))
