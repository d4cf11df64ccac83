"""A class with secrets, honest neighbours and canaries, and what to look at afterwards."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from suite import ATTACKS
from suite.base import (
    CANARY_ABSTRACT,
    CANARY_PORT,
    CANARY_SOCKET,
    FILE,
    LESSON,
    MARK,
    Attack,
    Content,
    Fifo,
    Folder,
    Link,
    Sparse,
    extra_cell,
    handed_in,
    solved,
)

NEIGHBOUR_EVERY = 10
CANARY_STUDENT = "zzz-canary"


def as_path(student: str | bytes) -> Path:
    """The relative path of a student's folder."""
    return Path(os.fsdecode(student))


def shown_name(student: str | bytes) -> str:
    """A folder's name as text, whatever its bytes are: as the grader must report it."""
    return os.fsencode(student).decode("utf-8", "backslashreplace")


def students(attacks: Container[Attack] = ATTACKS) -> list[tuple[str | bytes, Attack | None]]:
    """Folder name and attack of everybody who hands in, in order; None is an honest neighbour."""
    everybody: list[tuple[str | bytes, Attack | None]] = [(CANARY_STUDENT, None)]
    handed_in = [(number, attack) for number, attack in enumerate(ATTACKS) if attack in attacks]
    for place, (number, attack) in enumerate(handed_in):
        if place % NEIGHBOUR_EVERY == 0:
            everybody.append((f"{number:03d}-an-honest-neighbour", None))
        everybody.append((attack.student or f"{number:03d}-b-{attack.name}", attack))
    everybody.append(("zzz-honest-neighbour", None))
    return everybody


def write(path: Path, content: Content) -> None:
    """Create one file of a submission, whatever kind of file it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Link):
        path.symlink_to(content.target)
    elif isinstance(content, Fifo):
        os.mkfifo(path)
    elif isinstance(content, Folder):
        path.mkdir()
    elif isinstance(content, Sparse):
        with open(path, "wb") as file:
            file.truncate(content.size)
    else:
        path.write_bytes(content)


def fingerprint(folder: Path) -> dict[str, str]:
    """Kind and content of everything below a folder, by relative name."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = os.fsencode(path.relative_to(folder)).decode(errors="replace")
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        elif not path.is_file():
            found[name] = f"mode {path.stat().st_mode:o}"
        elif path.stat().st_size > 2**30:
            found[name] = f"{path.stat().st_size} bytes"
        else:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def canary(place: str) -> str:
    """A text that nobody can guess and that says where it was."""
    return f"CANARY-{place}-{secrets.token_hex(8)}"


@dataclass
class Secrets:
    """What must not come out: in the environment, the class folder, and another's submission."""

    environment: str = field(default_factory=lambda: canary("environment"))
    notes: str = field(default_factory=lambda: canary("notes"))
    submission: str = field(default_factory=lambda: canary("submission"))

    def found_in(self, text: bytes) -> list[str]:
        """The secrets that a text holds."""
        return [each for each in vars(self).values() if each.encode() in text]

    def submission_with_canary(self) -> bytes:
        """A solved notebook whose only peculiarity is the secret in one of its cells."""
        return handed_in(solved(), extra_cell(f"mine = {self.submission!r}"))


def hand_in(
    submitted: Path, hidden: Secrets, everybody: Iterable[tuple[str | bytes, Attack | None]]
) -> None:
    """Write everybody's submission."""
    honest = handed_in(solved())
    for student, attack in everybody:
        folder = submitted / as_path(student)
        if attack is not None:
            for name, content in attack.files.items():
                write(folder / attack.lesson / name, content)
        else:
            with_canary = student == CANARY_STUDENT
            content = hidden.submission_with_canary() if with_canary else honest
            write(folder / LESSON / FILE, content)


def plant(home: Path, folder: Path, hidden: Secrets) -> None:
    """Files of the instructor that attacks would like to read or to change."""
    for path, text in (
        (folder / "notes.txt", f"exam on Friday: {hidden.notes}\n"),
        (home / ".bashrc", "# mine\n"),
        (home / ".ipython" / "profile_default" / "startup" / "00.py", "# mine\n"),
        (home / ".jupyter" / "jupyter_config.py", "# mine\n"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """Servers that nobody has a reason to call; yields who called.

    Their addresses are fixed. While another class on this machine has them, of another copy of the
    repository, this waits: the marks of one would be taken for the other's.
    """
    calls: list[str] = []
    servers = {"abstract": socket.socket(socket.AF_UNIX), "tcp": socket.socket()}
    _bind_when_free(servers["abstract"], "\0" + CANARY_ABSTRACT)
    Path(CANARY_SOCKET).unlink(missing_ok=True)
    servers["tcp"].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    servers["unix"] = socket.socket(socket.AF_UNIX)
    servers["udp"] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for name, place in (
        ("tcp", ("127.0.0.1", CANARY_PORT)),
        ("udp", ("127.0.0.1", CANARY_PORT)),
        ("unix", CANARY_SOCKET),
    ):
        servers[name].bind(place)
    for name, server in servers.items():
        server.settimeout(0.2)
        if name != "udp":
            server.listen()
    over = threading.Event()

    def serve(name: str) -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                if name == "udp":
                    calls.append(f"udp {servers[name].recv(100)!r}")
                else:
                    servers[name].accept()[0].close()
                    calls.append(name)

    threads = [threading.Thread(target=serve, args=(name,)) for name in servers]
    for thread in threads:
        thread.start()
    try:
        yield calls
    finally:
        over.set()
        for thread in threads:
            thread.join()
        for server in servers.values():
            server.close()
        Path(CANARY_SOCKET).unlink(missing_ok=True)


def _bind_when_free(server: socket.socket, place: str) -> None:
    while True:
        try:
            return server.bind(place)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        time.sleep(1)


def marked_processes() -> Iterator[tuple[int, str]]:
    """Living processes with the attacks' mark in their command line: pid and mark."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for argument in (process / "cmdline").read_bytes().split(b"\0"):
                if argument.startswith(MARK.encode()):
                    yield int(process.name), argument.decode(errors="replace")


@contextlib.contextmanager
def watching(interval: float = 0.5) -> Iterator[dict[str, float]]:
    """Yields when each mark was last seen on a living process, as time.time()."""
    last_seen: dict[str, float] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(interval):
            last_seen.update((mark, time.time()) for _, mark in marked_processes())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield last_seen
    finally:
        over.set()
        thread.join()


def marked_files(*folders: Path) -> list[Path]:
    """Files that attacks have left behind: their mark is in the name."""
    # os.walk passes over what other programs remove from /tmp meanwhile
    walks = (walk for folder in folders for walk in os.walk(folder))
    names = ((folder, name) for folder, inner, files in walks for name in (*inner, *files))
    return [Path(folder, name) for folder, name in names if MARK in name]
