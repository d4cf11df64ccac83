"""Where a cgroup may be made is found in a made-up tree; tests/grading/sandbox has a real one."""

import errno
import logging
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.submission import cgroups

ME = os.getpid()
SHELL, MAKE, HELPER, STRANGER = (ME + n for n in range(1, 5))
PARENTS = {SHELL: 1, MAKE: SHELL, ME: MAKE, HELPER: ME, STRANGER: 1}
BOTH = "memory pids"


@dataclass
class Machine:
    """A file system with cgroups, and a kernel that moves processes and keeps nodes apart."""

    root: Path

    def __post_init__(self):
        self.put("proc/self/ns/pid", "")
        for pid, parent in PARENTS.items():
            after = " ".join(["S", str(parent), *["0"] * 17, str(1000 + pid)])
            self.put(f"proc/{pid}/stat", f"{pid} (a name) 1 2) {after}")

    def put(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def mounts(self, *rows):
        """Each row: the mount's own top, its folder, its type, its options."""
        lines = [
            f"30 20 0:1 {top} {self.root}/{point} rw,nosuid shared:1 - {kind} cgroup {options}"
            for top, point, kind, options in rows
        ]
        self.put("proc/self/mountinfo", "\n".join(["1 0 8:1 / / rw - ext4 /dev/sda rw", *lines]))

    def v2(self, place, pids=(ME,), controllers=f"cpu {BOTH}", enabled="", top="/"):
        """This process is in `place` of version 2, with others; return the folder of it."""
        self.mounts((top, "cg", "cgroup2", "rw,nsdelegate"))
        self.put("proc/self/cgroup", f"0::{place}\n")
        folder = self.root / "cg" / Path(place).relative_to(top)
        for node in (folder, folder / cgroups.GRADERS):
            self.put(f"{node}/cgroup.procs", "")
        self.put(f"{folder}/cgroup.procs", "\n".join(map(str, pids)))
        self.put(f"{folder}/cgroup.controllers", controllers)
        self.put(f"{folder}/cgroup.subtree_control", enabled)
        return folder

    def v1(self):
        self.mounts(("/", "m", "cgroup", "rw,memory"), ("/a", "p", "cgroup", "rw,cpu,pids"))
        self.put("proc/self/cgroup", "4:memory:/a/b\n3:cpu,pids:/a\n1:name=systemd:/c\n0::/\n")
        (self.root / "m/a/b").mkdir(parents=True)
        (self.root / "p").mkdir()

    def write(self, file, text):
        """What the kernel does when it is told something; see `cgroups._write`."""
        folder = file.parent
        if file.name == "cgroup.procs":
            others = folder.parent / "cgroup.procs"
            others.write_text(others.read_text().replace(text, ""))
            file.write_text(f"{file.read_text()}{text}\n")
        elif (folder / "cgroup.procs").read_text().split():
            raise OSError(errno.EBUSY, "busy")
        else:
            file.write_text(text.replace("+", ""))


@pytest.fixture
def machine(tmp_path, monkeypatch):
    machine = Machine(tmp_path)
    monkeypatch.setattr(cgroups, "_write", machine.write)
    return machine


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.INFO, "grader")
    return caplog


def _pids(folder):
    return {int(pid) for pid in (folder / "cgroup.procs").read_text().split()}


@pytest.mark.parametrize("pids", [{ME}, {ME, HELPER}, {SHELL, MAKE, ME, HELPER}])
@pytest.mark.parametrize(("place", "top"), [("/a/b", "/"), ("/", "/"), ("/docker/b", "/docker")])
def test_version_2_is_used_where_all_processes_are_ours(machine, told, pids, place, top):
    folder = machine.v2(place, pids, top=top)
    assert cgroups.find(machine.root) == cgroups.Home(folder, folder, cgroups.V2)
    assert (folder / "cgroup.subtree_control").read_text() == BOTH
    assert not _pids(folder) and _pids(folder / cgroups.GRADERS) == pids
    assert f"a cgroup of its own, in {folder}" in told.text


def test_a_grader_that_another_one_moved_uses_the_same_place(machine):
    folder = machine.v2("/a", [], enabled=BOTH)
    machine.put("proc/self/cgroup", f"0::/a/{cgroups.GRADERS}\n")
    assert cgroups.find(machine.root).memory == folder


def test_systemd_lets_nobody_into_what_it_has_not_delegated(machine, told, monkeypatch):
    (machine.root / "run/systemd/system").mkdir(parents=True)
    folder = machine.v2("/user.slice/terminal.scope")
    assert cgroups.find(machine.root) is None and "not delegated" in told.text
    marks = {"user.delegate": b"1"}
    monkeypatch.setattr(cgroups.os, "getxattr", lambda path, name: marks[name])
    assert cgroups.find(machine.root).memory == folder


def test_version_1_has_a_folder_for_each_controller(machine):
    machine.v1()
    home = cgroups.Home(machine.root / "m/a/b", machine.root / "p", cgroups.V1)
    assert cgroups.find(machine.root) == home
    (machine.root / "run/systemd/system").mkdir(parents=True)
    assert cgroups.find(machine.root) is None


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("none is mounted", lambda machine: machine.mounts()),
        ("none is mounted", lambda machine: machine.put("proc/self/cgroup", "0::/../x\n")),
        ("No such file", lambda machine: (machine.root / "proc/self/cgroup").unlink()),
        ("no controllers", lambda machine: machine.v2("/a", controllers="cpu memory")),
        ("other processes", lambda machine: machine.v2("/a", [ME, MAKE, STRANGER])),
        ("other processes", lambda machine: machine.v2("/a", [ME, 0])),  # not in our namespace
    ],
)
def test_where_there_is_none_the_log_has_the_reason(machine, told, reason, change):
    folder = machine.v2("/a")
    change(machine)
    before = _pids(folder)
    assert cgroups.find(machine.root) is None and cgroups.make(machine.root) is None
    assert reason in told.text and told.text.count("No cgroup") == 2
    assert _pids(folder) == before


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_one_that_belongs_to_another_user_or_is_read_only_is_left_alone(
    machine, told, monkeypatch, version
):
    machine.v1() if version == "v1" else machine.v2("/a")
    monkeypatch.setattr(cgroups.os, "access", lambda folder, mode: mode != os.W_OK)
    assert cgroups.find(machine.root) is None and "cannot be written" in told.text


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOENT])
def test_what_the_kernel_refuses_is_no_error(machine, told, monkeypatch, code):
    def refuse(file, text):
        raise OSError(code, os.strerror(code))

    machine.v2("/a")
    monkeypatch.setattr(cgroups, "_write", refuse)
    assert cgroups.find(machine.root) is None and os.strerror(code) in told.text


def test_those_of_dead_graders_are_removed_and_no_others(machine):
    folder = machine.v2("/a", [], enabled=BOTH)
    here = (machine.root / "proc/self/ns/pid").stat().st_ino
    dead = [f"{here}-{ME}-1-x", f"{here}-{10**7}-1000-x"]  # its number was given again; it is gone
    alive = [f"{here}-{ME}-{1000 + ME}-x", f"{here + 1}-{ME}-1-x"]  # of another namespace
    for name in (*dead, *alive):
        (folder / f"{cgroups.SANDBOX}{name}").mkdir()
    cgroups.make(machine.root)
    left = {each.name for each in folder.glob(f"{cgroups.SANDBOX}*")}
    assert left == {f"{cgroups.SANDBOX}{name}" for name in alive}
