"""When a file was handed in: what the LMS, nbgrader or git has noted of that.

The time of the file itself is no proof: copying and unpacking change it.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import yaml
from dulwich.object_store import DiskObjectStore
from dulwich.objects import Commit
from dulwich.refs import DiskRefsContainer, Ref

from grader.batch.submissions import TIMESTAMP
from grader.batch.timestamps import utc
from grader.errors import Unreadable
from grader.foreign import text_of

from .clocks import clock
from .lms_names import Told
from .source import GRADESCOPE, MOST_METADATA, Entry, Source

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # texts only: nothing is made of them
HEAD = Ref(b"HEAD")
SAKAI = re.compile(r"\d{17}", re.ASCII)  # milliseconds, too, in UTC; since Sakai 12 it is ISO 8601
SAKAI_SECONDS = 14
MOST_SECONDS = 5  # for one repository's newest commit, which takes thousandths of one
MOST_MEMORY = 2**30
MOST_TOLD = 32  # The child answers with the digits of a time: so many bytes at most.


@dataclass(frozen=True)
class Submitter:
    """Who handed in a submission of Gradescope's, and when."""

    name: str
    email: str
    sis_id: str
    time: str


def noted(source: Source, entry: Entry, told: Told) -> datetime | None:
    """What a timestamp.txt says of a notebook: Sakai's in its owner's folder, else nbgrader's.

    What lies beside the notebook may be its owner's own, so Sakai's comes first.
    """
    found = [(*entry.parts[:-1], TIMESTAMP)]
    if told.shape in ("student's folder", "lesson/student"):
        found.insert(0, (*entry.parts[: entry.parts.index(told.back) + 1], TIMESTAMP))
    times = (_noted(source.by_parts[each]) for each in found if each in source.by_parts)
    return next(filter(None, times), None)


def _noted(timestamp: Entry) -> datetime | None:
    try:
        text = text_of(timestamp.read()).strip()
    except Unreadable:
        return None
    return clock(text[:SAKAI_SECONDS]) if SAKAI.fullmatch(text) else utc(text)


def committed(git: Path) -> datetime | None:
    """The time of a repository's newest commit. No program of git's and no hook is run.

    A stranger's repository is read in a process of its own: a pipe or a device in place of a file,
    a link to one, an object that unpacks without end cost that process its life, and say no time.
    """
    if not hasattr(os, "fork"):  # Windows, where grading needs a Linux anyway
        return _as_datetime(_commit_time(git))
    fork = multiprocessing.get_context(
        "fork"
    )  # in milliseconds; all else takes a tenth of a second
    ours, theirs = fork.Pipe(duplex=False)
    child = fork.Process(target=_tell_commit_time, args=(git, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        return _as_datetime(ours.recv_bytes(MOST_TOLD)) if ours.poll(MOST_SECONDS) else None
    except (OSError, EOFError):
        return None
    finally:
        child.kill()
        child.join()
        ours.close()


def _tell_commit_time(git: Path, to: Connection) -> None:
    """What runs in that process, which has nothing to say but the time."""
    import resource

    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
        to.send_bytes(_commit_time(git))
    finally:
        os._exit(0)  # Nothing else of a process that was copied from this one is to be done twice.


def _commit_time(git: Path) -> bytes:
    """The seconds since 1970 in digits; empty where the repository does not tell."""
    try:
        with closing(DiskObjectStore(str(git / "objects"))) as store:
            commit = store[DiskRefsContainer(str(git))[HEAD]]
            return str(commit.commit_time).encode() if isinstance(commit, Commit) else b""
    except Exception:  # Whatever is wrong with a stranger's files, they say no time.
        return b""


def _as_datetime(seconds: bytes) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def submitters(
    entries: Iterable[Entry], exports: Collection[tuple[str, ...]]
) -> dict[tuple[str, ...], list[Submitter]]:
    """Who handed in each submission of Gradescope's export, by the path of its folder.

    Args:
        exports: the paths of the folders that hold these folders. Only a file beside these says
            who; any other is a learner's, and reading one could take all memory that there is.
    """
    found: dict[tuple[str, ...], list[Submitter]] = {}
    for entry in entries:
        if entry.name == GRADESCOPE and entry.parts[:-1] in exports:
            try:
                said = yaml.load(entry.read(MOST_METADATA), LOADER)
            except (Unreadable, yaml.YAMLError, RecursionError, UnicodeError):
                continue
            for key, value in said.items() if isinstance(said, dict) else ():
                found[*entry.parts[:-1], str(key)] = [
                    Submitter(
                        _text(each, ":name"),
                        _text(each, ":email"),
                        _text(each, ":sid"),
                        _text(value, ":created_at"),
                    )
                    for each in _list(value, ":submitters")
                ]
    return found


def _text(value: Any, name: str) -> str:
    found = value.get(name, "") if isinstance(value, dict) else ""
    return found if isinstance(found, str) else ""


def _list(value: Any, name: str) -> list[Any]:
    found = value.get(name, []) if isinstance(value, dict) else []
    return found if isinstance(found, list) else []
