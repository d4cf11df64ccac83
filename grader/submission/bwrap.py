"""The bubblewrap command that walls a process in, and whether it works on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from grader import paths
from grader.errors import NoSandbox

from .limits import Limits

SYSTEM_FOLDERS = (
    *("/lib", "/lib64", "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64"),
    *("/usr/local/bin", "/usr/local/lib", "/usr/share/fonts", "/usr/share/fontconfig"),
    *("/usr/share/zoneinfo", "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache"),
)
SYSTEM_PREFIXES = (Path("/usr"), Path("/usr/local"))
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))  # Docker's and Podman's


def check_linux() -> None:
    """Raise NoSandbox, with what to do, on a system that has no namespaces to wall code in."""
    if sys.platform != "linux":
        raise NoSandbox(
            "Grading needs Linux: learners' code runs walled in by Linux's namespaces, so nothing "
            "was run. On Windows use WSL, on a Mac a Linux container (.devcontainer/ has one)."
        )


def check_wall() -> None:
    """Raise NoSandbox, with what to do, unless bubblewrap works, and a submission's walls in it."""
    check_linux()
    if shutil.which("bwrap") is None:
        raise NoSandbox(
            "bubblewrap is not installed, so nothing was run. "
            "On Debian or Ubuntu: sudo apt-get install bubblewrap"
        )
    limits = json.dumps(asdict(Limits()))
    tried = subprocess.run(
        [*walls(), python(), "-m", "inside.walls", limits],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": "/course", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    if tried.returncode != 0:
        raise refused(tried.stderr)


def refused(complaint: str) -> NoSandbox:
    """What to say where the system refuses a wall, bubblewrap's own or a submission's within it."""
    return NoSandbox(
        f"bubblewrap does not work here ({complaint.strip()[-300:]}), so nothing was run. "
        + _remedy(complaint)
    )


def _remedy(complaint: str) -> str:
    """What lets bubblewrap work: a container forbids it by other means than a machine does."""
    ubuntu = "kernel.apparmor_restrict_unprivileged_userns=0"
    masked_proc = "Can't mount proc" in complaint  # only containers hide parts of /proc
    if masked_proc or any(mark.exists() for mark in CONTAINER_MARKS):
        return (
            "In a container it needs an ordinary user, not root, and these options of docker run "
            "or podman run: --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            "--security-opt systempaths=unconfined (.devcontainer/ has them). Where the container "
            f"runs on Ubuntu 24.04 or later, also there: sudo sysctl {ubuntu}"
        )
    return (
        "It needs user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1, and on "
        f"Ubuntu 24.04 and later also {ubuntu}"
    )


def python() -> str:
    """The Python that is there inside, too: sys.executable may have `..` in its path."""
    return os.path.normpath(sys.executable)


def walls() -> Iterator[str]:
    """The bubblewrap command: Python and lrlab, read-only, and nothing else of this machine."""
    yield shutil.which("bwrap") or "bwrap"
    if os.geteuid() == 0:  # no user namespace: the code inside then becomes an ordinary user
        yield from ("--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts")
        yield "--unshare-cgroup-try"
        yield from ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    else:
        yield "--unshare-all"
    yield from ("--die-with-parent", "--proc", "/proc", "--dev", "/dev")
    yield from ("--remount-ro", "/dev")  # it belongs to whoever runs this, and outlives each child
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
    for recorded in paths.LESSONS.glob("*/recorded.json"):  # what the lessons' own cells read
        yield from _bind(recorded, Path("/course", *recorded.parts[-2:]))
    for read_only in (*covered, Path("/")):
        yield from ("--remount-ro", str(read_only))
    yield from ("--chdir", "/scratch")


def _cover(place: Path) -> Iterator[str]:
    """Show an empty folder in its place; the caller makes it read-only when all mounts are made."""
    yield from ("--perms", "0755", "--tmpfs", str(place))


def _bind(source: Path, place: Path) -> Iterator[str]:
    for parent in reversed(place.parents[:-1]):  # bubblewrap would make them for root alone
        yield from ("--perms", "0755", "--dir", str(parent))
    yield from ("--ro-bind", str(source), str(place))
