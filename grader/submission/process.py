"""The warm process of a sandbox, seen from outside: started behind the wall, awaited, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys

from grader import paths
from grader.errors import NoSandbox

from . import cgroups
from .answers import MESSAGE_BYTES
from .bwrap import python, walls
from .limits import Limits, Wall

START_SECONDS = 120
# Waits until its input is closed: what is started before it is in its cgroup is not counted there.
GATE = ("/bin/sh", "-c", 'read -r line; exec "$@" < /dev/null', "sh")


class WarmProcess:
    """It takes seconds until it is ready; the constructor does not wait for that.

    Args:
        wall: "bwrap", or "none" for notebooks that are trusted.
        scratch: the folder where it may write when there is no wall.
        limits: what one submission may use, which its cgroup, where it has one, is to know.

    Attributes:
        control: the socket by which it gets jobs and says how they ended
    """

    def __init__(self, wall: str, scratch: str, limits: Limits) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(START_SECONDS)
        self._ready = False
        self._limits = limits
        self._cgroup = cgroups.make() if wall == Wall.bwrap else None
        fds = [theirs.fileno(), *([self._cgroup.events] if self._cgroup else [])]
        command = [python(), "-m", "inside", *map(str, fds)]
        gate, opening = os.pipe()
        with theirs, open(gate), open(opening, "w"):
            self._process = subprocess.Popen(
                [*GATE, *(walls() if wall == Wall.bwrap else ()), *command],
                pass_fds=fds,
                stdin=gate,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
                env=_environment(wall, scratch),
            )
            if self._cgroup:
                self._cgroup.take_in(self._process.pid)

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def await_ready(self) -> None:
        """Wait until it takes jobs. Raises NoSandbox, with its complaint, if it does not start."""
        if self._ready:
            return
        with contextlib.suppress(OSError):
            self._ready = self.control.recv(MESSAGE_BYTES) == b"ready"
        if not self._ready:
            complaint = self.stop()
            raise NoSandbox(f"The sandbox does not start: {complaint[-500:] or 'no reason given'}")
        if self._cgroup:
            self._cgroup.bound(self._limits)

    def stop(self) -> str:
        """End it and all that it started; return its complaint, "" if it was ended before."""
        if self.control.fileno() < 0:
            return ""
        self.control.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        _, complaint = self._process.communicate()
        if self._cgroup:
            self._cgroup.remove()
        return complaint.decode(errors="replace").strip()


def _environment(wall: str, scratch: str) -> dict[str, str]:
    """All that the code inside finds in its environment: nothing of the instructor's."""
    walled = wall == Wall.bwrap
    return {
        "PATH": os.pathsep.join([f"{sys.prefix}/bin", "/usr/bin", "/bin"]),
        "PYTHONPATH": "/course" if walled else f"{paths.INSIDE.parent}:{paths.LRLAB.parent}",
        "PYTHONDONTWRITEBYTECODE": "1",
        **dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), "/scratch" if walled else scratch),
        "USER": "learner",  # A cell may ask who it is: there is no list of users inside.
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
    }
