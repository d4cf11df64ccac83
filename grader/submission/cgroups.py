"""A cgroup around each sandbox, where the machine gives one: it bounds what no other limit counts.

What the kernel itself keeps for a process (tables of its memory, mappings, sockets) is in no
process's memory. A cgroup counts it with the rest, and nothing that runs in one can leave it.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .limits import Limits

log = logging.getLogger(__name__)

NEEDED = {"memory", "pids"}
GRADERS = "graders"  # the cgroup of the graders themselves, beside those of their sandboxes
SANDBOX = "sandbox-"
# Processes that are moved may start others meanwhile, and what is removed may still be ending.
TRIES = 20
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Files:
    """What version 2 of cgroups, or version 1, calls the files of its memory controller.

    Attributes:
        cache: the line of memory.stat that tells which part of the usage are files
        swap: the most of memory and swap together, or of swap alone
        events: where it counts the processes that the kernel has ended because memory was used up
    """

    usage: str
    cache: str
    most: str
    swap: str
    events: str


V1 = Files(
    *("memory.usage_in_bytes", "cache", "memory.limit_in_bytes"),
    *("memory.memsw.limit_in_bytes", "memory.oom_control"),
)
V2 = Files("memory.current", "file", "memory.max", "memory.swap.max", "memory.events")


@dataclass(frozen=True)
class Home:
    """Where this process may make cgroups: one folder with version 2, two with version 1."""

    memory: Path
    pids: Path
    files: Files


class Cgroup:
    """One cgroup for one sandbox. Raises OSError where it cannot be made.

    Attributes:
        events: descriptor of the file that counts the processes that the kernel has ended in it
            because memory was used up
    """

    def __init__(self, home: Home, owner: str) -> None:
        name = f"{SANDBOX}{owner}-{secrets.token_hex(4)}"
        self._files = home.files
        self._memory, self._pids = home.memory / name, home.pids / name
        self._folders = {self._memory, self._pids}
        self.events = -1
        try:
            for folder in self._folders:
                folder.mkdir()
            self.events = os.open(self._memory / home.files.events, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self.remove()
            raise

    def take_in(self, pid: int) -> None:
        """Have a process, and all that it will start, counted here."""
        with _told():
            for folder in self._folders:
                _write(folder / "cgroup.procs", str(pid))

    def bound(self, limits: Limits) -> None:
        """Set limits for what is there now and one submission beside it.

        A submission may copy half of the memory that it shares with the warm process.
        """
        with _told():
            self._bound(limits)

    def remove(self) -> None:
        """End whatever is left in it, and remove it."""
        if self.events >= 0:
            os.close(self.events)
            self.events = -1
        for folder in self._folders:
            _remove(folder)

    def _bound(self, limits: Limits) -> None:
        from grader.inside.walls import FORKS_AHEAD  # Linux alone can import it

        stat = dict(
            line.split() for line in (self._memory / "memory.stat").read_text().splitlines()
        )
        warm = int((self._memory / self._files.usage).read_text()) - int(stat[self._files.cache])
        files = 2 * limits.tmp_bytes  # in /scratch and /dev/shm
        most = warm + warm // 2 + limits.memory_bytes + files
        _write(self._memory / self._files.most, str(most))
        with contextlib.suppress(OSError):  # a kernel that does not count swap
            _write(self._memory / self._files.swap, "0" if self._files is V2 else str(most))
        there = int((self._pids / "pids.current").read_text())
        _write(self._pids / "pids.max", str(there + FORKS_AHEAD * limits.processes))


def make(root: Path = Path("/")) -> Cgroup | None:
    """A new cgroup; None where this machine gives none. Those of dead graders are removed."""
    proc = root / "proc"
    with _told():
        if (home := find(root)) is not None:
            for folder in {home.memory, home.pids}:
                _sweep(folder, proc)
            return Cgroup(home, _owner(proc, os.getpid()))
    return None


def find(root: Path = Path("/")) -> Home | None:
    """Where this process may make cgroups, which the log tells; None where it may not.

    Version 2 wants no processes beside cgroups: those of this grader move into one of their own.

    Args:
        root: the root of the file system, for /proc and /run.
    """
    with _told():
        home = _find(root)
        log.info("Each sandbox has a cgroup of its own, in %s.", home.memory)
        return home
    return None


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Where the machine refuses a cgroup, a sandbox has its other limits: the log tells why."""
    try:
        yield
    except (OSError, ValueError) as error:
        log.info("No cgroup bounds what the kernel keeps for a submission: %s.", error)


def _find(root: Path) -> Home:
    """Raises OSError or ValueError with the reason where there is none."""
    systemd = (root / "run/systemd/system").is_dir()
    own = _own(root / "proc")
    v1 = own.keys() >= NEEDED
    for folder in (own[name] for name in (NEEDED if v1 else {""}) if name in own):
        if not os.access(folder, os.W_OK):
            raise ValueError(f"{folder} cannot be written")
    if v1:
        if systemd:  # which moves processes and sets limits there as it likes
            raise ValueError("systemd delegates none with version 1 of cgroups")
        return Home(own["memory"], own["pids"], V1)
    if "" not in own:
        raise ValueError("none is mounted")
    base = own[""].parent if own[""].name == GRADERS else own[""]
    if systemd and not _delegated(base):
        raise ValueError(f"systemd has not delegated {base}")
    if not NEEDED.issubset((base / "cgroup.controllers").read_text().split()):
        raise ValueError(f"{base} has no controllers of memory and processes")
    if not NEEDED.issubset((base / "cgroup.subtree_control").read_text().split()):
        _enable(base, root / "proc")
    return Home(base, base, V2)


def _own(proc: Path) -> dict[str, Path]:
    """Controller → the folder of this process's cgroup; "" for that of version 2."""
    mounts: dict[str, tuple[str, str]] = {}
    for line in (proc / "self/mountinfo").read_text().splitlines():
        where, _, what = line.partition(" - ")
        top, point = where.split()[3:5]
        kind, *_, options = what.split()
        names = {"cgroup2": [""], "cgroup": options.split(",")}.get(kind, [])
        mounts.update(dict.fromkeys(names, (top, point)))
    own = {}
    for line in (proc / "self/cgroup").read_text().splitlines():
        _, listed, path = line.split(":", 2)
        for name in set(listed.split(",")) & mounts.keys():
            top, point = mounts[name]
            if Path(path).is_relative_to(top) and ".." not in path:  # within what is mounted
                own[name] = Path(point, Path(path).relative_to(top))
    return own


def _delegated(folder: Path) -> bool:
    """Whether systemd has marked a cgroup as one whose inside is its owner's affair."""
    for name in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError):
            if os.getxattr(folder, name) == b"1":
                return True
    return False


def _enable(base: Path, proc: Path) -> None:
    """Have `base` hand its controllers on. Raises OSError or ValueError."""
    for _ in range(TRIES):
        try:
            _write(base / "cgroup.subtree_control", "+memory +pids")
            return
        except OSError as error:
            if error.errno != errno.EBUSY:  # there are processes in it
                raise
        _make_room(base, proc)
    raise ValueError(f"processes keep starting in {base}")


def _make_room(base: Path, proc: Path) -> None:
    """Move all processes of a cgroup into one below it. Raises ValueError if some are not ours.

    Ours are the oldest ancestor of this process in there, such as `make`, and all its descendants.
    """
    pids = {int(pid) for pid in (base / "cgroup.procs").read_text().split()}
    ours: set[int] = set()
    eldest = os.getpid()
    while (parent := _parent(proc, eldest)) in pids:
        eldest = parent
    for pid in pids:
        lineage = [pid]
        while lineage[-1] not in (eldest, 0):
            lineage.append(_parent(proc, lineage[-1]))
        ours.update(lineage if lineage[-1] == eldest else ())
    if strangers := pids - ours:
        raise ValueError(f"there are other processes in {base}, such as {min(strangers)}")
    (base / GRADERS).mkdir(exist_ok=True)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            _write(base / GRADERS / "cgroup.procs", str(pid))


def _stat(proc: Path, pid: int) -> list[str]:
    """What the kernel tells of a process, from its state on; nothing where there is none."""
    with contextlib.suppress(OSError):
        return (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return []


def _parent(proc: Path, pid: int) -> int:
    """0 where there is none, or none that can be seen."""
    return int(next(iter(_stat(proc, pid)[1:]), 0))


def _owner(proc: Path, pid: int) -> str:
    """A process, told from all others: its namespace, its number there, and when it started."""
    return f"{_namespace(proc)}-{pid}-{next(iter(_stat(proc, pid)[19:]), 0)}"


def _namespace(proc: Path) -> int:
    return (proc / "self/ns/pid").stat().st_ino


def _sweep(folder: Path, proc: Path) -> None:
    """Remove what graders of this machine left that were killed."""
    for each in folder.glob(f"{SANDBOX}{_namespace(proc)}-*"):
        pid = int(each.name.split("-")[2])
        if not each.name.startswith(f"{SANDBOX}{_owner(proc, pid)}-"):
            _remove(each)


def _remove(folder: Path) -> None:
    """End all processes of a cgroup and remove it; what cannot be removed is left as it is."""
    for _ in range(TRIES):
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY:
                return
        with contextlib.suppress(OSError):  # Linux before 5.14, or version 1
            _write(folder / "cgroup.kill", "1")
        for pid in _members(folder):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(PAUSE_SECONDS)


def _members(folder: Path) -> Iterator[int]:
    with contextlib.suppress(OSError):
        yield from filter(None, map(int, (folder / "cgroup.procs").read_text().split()))


def _write(file: Path, text: str) -> None:
    """Tell the kernel, in one piece; no file is made."""
    fd = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)
