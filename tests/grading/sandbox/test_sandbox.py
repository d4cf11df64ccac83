"""The wall holds: what runs inside can only compute and answer, within its limits."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader import paths
from grader.errors import NoSandbox
from grader.exercises import LESSONS
from grader.submission import answers
from grader.submission.bwrap import check_wall, walls
from grader.submission.limits import Limits, Wall
from grader.submission.sandbox import Sandbox

LOOP = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
# What these take is in no process's memory, and no limit on processes counts it.
KEPT_BY_THE_KERNEL = (
    *("semget(0, 32000, 0o1600)", "msgget(0, 0o1600)", "shmget(0, 4096, 0o1600)"),
    *("inotify_init()", "inotify_init1(0)", "fanotify_init(0, 0)", "syscall(206, 60000, 0)"),
    *("syscall(444, b'\\xff' + b'\\0' * 7, 8, 0)", "syscall(317, 2, 0, b'\\0\\0\\xff\\x7f')"),
)
SYSTEM_CALL = "import ctypes\nif ctypes.CDLL(None)."
BLOCKED = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass"


def _run(sandbox, *sources):
    return sandbox.run([{"source": source} for source in sources])


def _printed(sandbox, source):
    ran = _run(sandbox, source)
    assert ran.end.kind == "done", ran
    return ran.printed[0].strip()


def test_cells_share_a_namespace_and_runs_share_nothing(sandbox):
    assert _run(sandbox, "x = 41", "print(x + 1)").printed[1] == "42\n"
    again = _run(sandbox, "print(x)")
    assert again.failed[0][0] == "NameError"


def test_magics_plots_shell_and_await_work(sandbox):
    ran = _run(
        sandbox,
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
        "%matplotlib inline",
        "!echo from a shell",
        "import asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')",
    )
    assert ran.end.kind == "done" and not ran.failed
    assert ran.printed[2].strip() == "from a shell"
    assert ran.printed[3] == "awaited\n"


@pytest.mark.parametrize(
    ("source", "ended"),
    [
        ("import os; os._exit(3)", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("import os; os.abort()", "crashed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL) or os._exit(9)", "crashed"),
        ("import threading, os; threading.Timer(0, os._exit, [1]).run()", "crashed"),
        (BLOCKED, "timeout"),
        ("sum(range(2**40))", "timeout"),
        (
            "import os\nfor fd in range(3, 256):\n    try: os.close(fd)\n    except OSError: 0",
            "crashed",
        ),
    ],
)
def test_what_ends_or_blocks_python_costs_its_own_cell(sandbox, source, ended):
    ran = _run(sandbox, "print('before')", source, "print('after')")
    assert {number: end.kind for number, end in ran.lost.items()} == {1: ended}
    assert (ran.end.kind, ran.printed) == ("done", {0: "before\n", 2: "after\n"})
    assert _printed(sandbox, "print('next')") == "next"


def test_the_exit_code_is_told(sandbox):
    assert _run(sandbox, "import os; os._exit(3)").lost[0].exit_code == 3


@pytest.mark.parametrize("source", ["while True: pass", LOOP, "import time; time.sleep(1000)"])
def test_an_endless_cell_is_stopped_and_the_next_ones_run(sandbox, source):
    ran = _run(sandbox, source, "print('after')")
    assert ran.failed[0][0] == "TimeLimit"
    assert (ran.end.kind, ran.printed[1]) == ("done", "after\n")


def test_one_process_cannot_have_more_memory_than_allowed(sandbox):
    ran = _run(sandbox, "bytearray(3 * 2**30)")
    assert ran.failed[0][0] == "MemoryError"


def test_many_processes_cannot_have_more_memory_together(sandbox, monkeypatch):
    eater = """
import os
for _ in range(8):
    if os.fork() == 0:
        x = b"a" * (100 * 2**20)
        while True: pass
while True: pass
"""
    limits = Limits(memory_bytes=256 * 2**20, seconds=30, cell_seconds=30)
    monkeypatch.setattr(sandbox, "limits", limits)  # they go along with each run
    ran = _run(sandbox, eater, "print('after')")
    assert (ran.lost[0].kind, ran.printed) == ("memory", {1: "after\n"})
    assert _printed(sandbox, "print('next')") == "next"


@pytest.mark.parametrize(
    "bomb",
    [
        "while True: os.fork()",
        "while True:\n    try: os.fork()\n    except OSError: pass",
        "while True: os.fork() or time.sleep(99)",
        "while True: os.system('sleep 99 &')",
        "while True: multiprocessing.Process(target=time.sleep, args=(99,)).start()",
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True: os.fork() or os.setsid()",
    ],
)
def test_a_bomb_of_processes_always_ends_in_the_same_way(sandbox, monkeypatch, bomb):
    monkeypatch.setattr(sandbox, "limits", Limits(processes=20))
    ran = _run(sandbox, f"import os, time, signal, multiprocessing\n{bomb}", "print('after')")
    assert {number: end.kind for number, end in ran.lost.items()} == {0: "processes"}
    assert (ran.end.kind, ran.printed, ran.failed) == ("done", {1: "after\n"}, {})
    assert _printed(sandbox, "print('next')") == "next"


def test_a_full_disk_is_an_error_of_the_cell(sandbox):
    disk = "for i in range(9): open(f'/scratch/{i}', 'wb').write(b'x' * 30 * 2**20)"
    assert _run(sandbox, disk).failed[0][0] == "OSError"
    assert (
        "File too large" in _run(sandbox, "open('f', 'wb').write(b'x' * 40 * 2**20)").failed[0][1]
    )


def test_a_flood_is_cut(sandbox, monkeypatch):
    ran = _run(sandbox, "while True: print('x' * 10_000)")
    assert len(ran.printed[0]) == sandbox.limits.printed_chars
    pipe = """
import os
while True:
    for fd in range(3, 256):
        try: os.write(fd, b"x" * 60_000)
        except OSError: pass
"""
    monkeypatch.setattr(sandbox, "limits", Limits())  # on a busy machine a flood takes its time
    assert _run(sandbox, pipe).end.kind == "flooded"
    assert _run(sandbox, pipe.replace('b"x"', r'b"\n"')).end.kind == "flooded"


def test_a_child_that_sends_without_end_has_no_more_time_than_others(sandbox, monkeypatch):
    """The clock is looked at while more and more comes, too."""
    trickle = """
import os, time
while True:
    for fd in range(3, 256):
        try: os.write(fd, b"x")
        except OSError: pass
"""
    monkeypatch.setattr(sandbox, "limits", Limits(cell_seconds=1, seconds=1))
    monkeypatch.setattr("grader.submission.answers.GRACE_SECONDS", 0)
    assert _run(sandbox, trickle).end.kind == "timeout"


@pytest.mark.parametrize(
    "source",
    [
        "import socket; socket.create_connection(('127.0.0.1', 22), 1)",
        "import socket; socket.getaddrinfo('pypi.org', 443)",
        "open('/course/lrlab/evil.py', 'w')",
        "open('/usr/evil', 'w')",
        "open('/etc/passwd')",
        "import os; os.memfd_create('x')",
        "import os; os.setuid(0)",
        "import os; os.kill(1, 0) or os.kill(2, 9)",
        "import os; os.listdir('/home')",
        "import grader",
        f"{SYSTEM_CALL}ptrace(16, 1, 0, 0) < 0: raise OSError",
        f"{SYSTEM_CALL}mount(b'x', b'/scratch', b'tmpfs', 0, 0) < 0: raise OSError",
        f"{SYSTEM_CALL}unshare(0x10000000) < 0: raise OSError",
        *(f"{SYSTEM_CALL}{call} < 0: raise OSError" for call in KEPT_BY_THE_KERNEL),
        f"{SYSTEM_CALL}syncfs(0) < 0: raise OSError",
        "import socket; socket.socketpair()[0].setsockopt(1, 50, 1)",
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
        "import fcntl, json; fcntl.flock(open(json.__file__), fcntl.LOCK_EX)",
        "import fcntl, json; fcntl.lockf(open(json.__file__), fcntl.LOCK_SH)",
        "import fcntl, json; fcntl.fcntl(open(json.__file__), fcntl.F_SETLEASE, fcntl.F_RDLCK)",
        f"{SYSTEM_CALL}syscall(72, 0, ctypes.c_ulong(6 | 1 << 40), 0) < 0: raise OSError",
        "import socket; socket.socketpair()[0].setsockopt(1, socket.SO_SNDBUF, 2**20)",
        "import os; os.chmod('/dev', 0)",
        "open('/dev/left-behind', 'w')",
        "for number in range(30_000): open(f'{number}', 'w').close()",
        "for number in range(30_000): open(f'/dev/shm/{number}', 'w').close()",
    ],
)
def test_the_way_out_is_closed(sandbox, source):
    ran = _run(sandbox, source)
    assert ran.end.kind == "done" and ran.failed, ran


def test_nothing_of_the_instructor_is_inside(sandbox, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_TEACHER", "42")
    with Sandbox() as fresh:
        seen = _printed(fresh, "import os; print(dict(os.environ), os.listdir('/'))")
    assert "SECRET_OF_THE_TEACHER" not in seen
    recorded = [lesson for lesson in LESSONS if paths.recorded(lesson).exists()]
    folders = ["/course", *(f"/course/{lesson}" for lesson in recorded)]
    listed = _printed(sandbox, f"import os; print([sorted(os.listdir(f)) for f in {folders}])")
    each = [["recorded.json"]] * len(recorded)
    assert listed == str([sorted(["inside", "lrlab", *recorded]), *each])


def test_files_and_processes_are_gone_afterwards(sandbox):
    mark = f"{time.time_ns()}"
    source = (
        f"import os, subprocess\nopen('/scratch/left', 'w').write('x')\n"
        f"open('/dev/shm/left', 'w').write('x')\n"
        f"subprocess.Popen(['sleep', '{mark}'], start_new_session=True)\n"
        f"if os.fork() == 0:\n    os.setsid()\n    os.execvp('sleep', ['sleep', '{mark}'])"
    )
    assert _run(sandbox, source).end.kind == "done"
    there = "import os; print([os.path.exists(p) for p in ('/scratch/left', '/dev/shm/left')])"
    assert _printed(sandbox, there) == "[False, False]"
    assert subprocess.run(["pgrep", "-f", mark], capture_output=True).returncode == 1


def _scores():
    """Of the processes of all sandboxes: in which order the kernel ends them for lack of memory."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"\0inside\0" in (process / "cmdline").read_bytes():
                yield int((process / "oom_score_adj").read_text())


def test_where_memory_is_short_a_submission_is_ended_first(sandbox):
    seen = set()
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(_run, sandbox, "import time\ntime.sleep(1)")
        while not ran.done():
            seen.update(_scores())
    ours = int(Path("/proc/self/oom_score_adj").read_text())
    assert seen == {ours, 1000} and ran.result().end.kind == "done"


def test_a_killed_warm_process_is_replaced_and_its_run_repeated():
    with Sandbox() as sandbox:
        assert _printed(sandbox, "print('once')") == "once"
        os.killpg(sandbox._warm._process.pid, signal.SIGKILL)
        assert _printed(sandbox, "print('again')") == "again"


def test_without_a_wall_the_limits_still_hold(tmp_path):
    with Sandbox(Limits(cell_seconds=2, seconds=10), wall="none") as open_air:
        assert _run(open_air, "while True: pass").failed[0][0] == "TimeLimit"
        assert _run(open_air, "import os; os._exit(3)").lost[0].exit_code == 3
        assert _printed(open_air, "print('next')") == "next"
    assert Wall.bwrap == "bwrap"


@pytest.fixture
def refusing(tmp_path, monkeypatch, bubblewrap):
    """A system that lets bubblewrap start and refuses what a submission needs: `refusing(call)`."""

    def patch(call):
        inside = tmp_path / "inside"
        shutil.copytree(paths.INSIDE, inside)
        tmp_path.chmod(0o755)
        code = (inside / "walls.py").read_text()
        assert f"libc.{call}(" in code
        refuse = f"class Refusing:\n    prctl = libc.prctl\n    {call} = lambda *_: 1\n"
        others = "".join(
            f"    {name} = libc.{name}\n" for name in ("unshare", "mount") if name != call
        )
        head, main = code.split('if __name__ == "__main__":')
        (inside / "walls.py").write_text(
            f'{head}{refuse}{others}libc = Refusing()\nif __name__ == "__main__":{main}'
        )
        monkeypatch.setattr(paths, "INSIDE", inside)

    return patch


def test_python_may_be_started_by_a_path_that_goes_up(monkeypatch, tmp_path):
    """As `../.venv/bin/python -m grader` does in a folder below."""
    way_up = os.path.relpath(sys.executable, tmp_path)
    monkeypatch.setattr(sys, "executable", f"{tmp_path}/{way_up}")
    check_wall()
    with Sandbox() as sandbox:
        assert _printed(sandbox, "print(1)") == "1"


@pytest.fixture(params=["no Python", "no torch"])
def broken(request, monkeypatch, tmp_path):
    """The complaint of a warm process that ends before it takes jobs."""
    if request.param == "no Python":
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        return str(tmp_path / "python")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "__main__.py").write_text('raise SystemExit("torch is not here")')
    monkeypatch.setattr(paths, "INSIDE", tmp_path / "inside")
    return "torch is not here"


@pytest.mark.parametrize("wall", [Wall.bwrap, Wall.none])
def test_a_sandbox_that_does_not_start_says_why_each_time_and_can_be_left(wall, broken):
    with Sandbox(wall=wall) as sandbox:
        for _ in range(2):
            with pytest.raises(NoSandbox, match=f"does not start: .*{broken}"):
                _run(sandbox, "print('never')")


@pytest.mark.parametrize("call", ["unshare", "mount"])
def test_a_submission_that_cannot_be_walled_in_stops_the_run(refusing, call):
    """AppArmor refuses so. No learner's code runs, and no learner is told to have crashed."""
    refusing(call)
    with pytest.raises(NoSandbox, match=f"{call}: .* so nothing was run. .*sysctl"):
        check_wall()
    with Sandbox() as sandbox, pytest.raises(NoSandbox, match=f"{call}: .* nothing was run"):
        _run(sandbox, "print('never')")


def test_no_stranger_can_say_that_the_wall_is_missing(sandbox):
    lie = """
import json, os
for fd in range(3, 64):
    try: os.write(fd, b'{"unwalled": "no"}\\n')
    except OSError: pass
"""
    assert _run(sandbox, lie, "print('after')").printed[1] == "after\n"


def test_an_installed_lrlab_shows_no_expected_values(tmp_path, monkeypatch):
    """The code inside sees Python's folder, and in it an lrlab without the lessons' data."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    package = tmp_path / "lib" / "python3.11" / "site-packages" / "lrlab"
    lessons = package / "lessons"
    (lessons / "steplr").mkdir(parents=True)
    (package / "__init__.py").touch()
    for name in ("checks.json", "recorded.json"):
        (lessons / "steplr" / name).touch()
    tmp_path.chmod(0o755)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    look = f"find {package}; touch {lessons}/left-behind"
    done = subprocess.run([*walls(), "/bin/sh", "-c", look], capture_output=True, text=True)
    assert set(done.stdout.split()) == {str(package), f"{package}/__init__.py", str(lessons)}, done
    assert "Read-only file system" in done.stderr


def test_a_flood_that_takes_the_warm_process_along_is_still_a_flood(monkeypatch):
    """What is spent of a limit stays spent: no other start, and no error of ours."""
    monkeypatch.setattr("grader.submission.answers.ANSWER_BYTES", 10_000)
    collect = answers.Answers.collect

    def collect_and_lose(self, pipe, control):
        collect(self, pipe, control)
        raise OSError("the warm process is gone")

    monkeypatch.setattr(answers.Answers, "collect", collect_and_lose)
    with Sandbox() as sandbox:
        ran = _run(sandbox, "print('x' * 100_000)")
    assert ran.end.kind == "flooded"
