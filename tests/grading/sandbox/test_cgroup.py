"""Where the machine gives a cgroup, it bounds what the kernel keeps for a submission."""

import os
import subprocess
import sys

import pytest

from grader.submission import cgroups
from grader.submission.limits import Limits
from grader.submission.sandbox import Sandbox

LIMITS = Limits(memory_bytes=2**27, tmp_bytes=2**20)
# In no process's memory: each of some processes fills the buffers of its sockets. Of more processes
# the watcher might find that they have too much memory of their own before that is full.
FULL_SOCKETS = """
import os, socket, time
for _ in range(28):
    if os.fork() == 0:
        kept = []
        try:
            while True:
                kept += socket.socketpair()
                for end in kept[-2:]:
                    end.setblocking(False)
                    try:
                        while True: end.send(b"x" * 60_000)
                    except BlockingIOError: pass
        except OSError: pass
        time.sleep(20)
        os._exit(0)
time.sleep(20)
"""
KILLED = """
import os, signal
from grader.submission import cgroups
assert cgroups.make()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def home(bubblewrap):
    if (home := cgroups.find()) is None:
        pytest.skip(
            "no cgroup may be made here; with systemd: systemd-run --user --scope "
            "-p Delegate=yes make test"
        )
    return home


def _made(home):
    return {
        each
        for folder in (home.memory, home.pids)
        for each in folder.glob(f"{cgroups.SANDBOX}*-{os.getpid()}-*")
    }


def test_many_small_processes_end_with_a_sentence_and_their_cgroup_is_gone(home):
    before = _made(home)
    with Sandbox(LIMITS) as sandbox:
        sandbox.run([])
        assert len(_made(home) - before) == len({home.memory, home.pids})
        ran = sandbox.run([{"source": source} for source in ("1", FULL_SOCKETS, "print('next')")])
        counted = os.pread(sandbox._warm._cgroup.events, 1000, 0).split()
        most = (sandbox._warm._cgroup._memory / home.files.most).read_text()
    assert ran.lost[1].kind == "memory" and ran.end.kind == "done", ran
    assert ran.printed[2] == "next\n" and int(counted[counted.index(b"oom_kill") + 1]) > 0
    assert int(most) < 2**30
    assert _made(home) == before


def test_nothing_of_it_is_seen_inside(home, sandbox):
    source = "from pathlib import Path\nprint(Path('/sys').exists())\n!cat /proc/self/cgroup"
    printed = sandbox.run([{"source": source}]).printed[0]
    assert printed.startswith("False\n") and cgroups.SANDBOX not in printed


def test_what_a_killed_grader_left_is_removed_by_the_next(home):
    killed = subprocess.Popen([sys.executable, "-c", KILLED])
    killed.wait()
    left = list(home.memory.glob(f"{cgroups.SANDBOX}*-{killed.pid}-*"))
    assert len(left) == 1
    cgroups.make().remove()
    assert not left[0].exists()
