"""The grader starts on every system, and says so where it cannot go on: off Linux, off a clone."""

import shutil
import subprocess
import sys

import pytest

from grader import paths

# What only POSIX has is taken away, the system is given another name. Packages that are made for
# the system that they are installed on are imported before.
ELSEWHERE = """
import os, signal, socket, sys
import rich.console, rich.progress, typer, zoneinfo
{imports}
for module, names in {{
    os: "sched_getaffinity fork geteuid getuid killpg memfd_create openpty setsid",
    signal: "SIGKILL SIGALRM SIGHUP SIGUSR1 setitimer alarm pthread_sigmask",
    socket: "AF_UNIX SOCK_SEQPACKET send_fds recv_fds",
}}.items():
    for name in names.split():
        delattr(module, name)
sys.modules |= dict.fromkeys(["fcntl", "grp", "pwd", "resource", "termios"])
sys.platform = {system!r}
"""
GRADER = "sys.argv = ['grader', {!r}]; from grader.__main__ import app; app()"


def _run(code, cwd):
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True)


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_grading_says_that_it_needs_linux(system, tmp_path):
    elsewhere = ELSEWHERE.format(imports="", system=system)
    assert "Grade submissions" in _run(elsewhere + GRADER.format("--help"), tmp_path).stdout
    done = _run(elsewhere + GRADER.format("demo"), tmp_path)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("Grading needs Linux")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_build_collect_and_report_start_on_windows(tmp_path):
    imports = "import distributed, filelock, nbgrader.converters, pygments.formatters, torch"
    collect = "import grader.collect.handed, grader.collect.write\n"
    code = ELSEWHERE.format(imports=imports, system="win32") + "import grader.build\n" + collect
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "results.jsonl").touch()
    done = _run(code + GRADER.format("report"), tmp_path)
    assert done.stdout.startswith("Report: class"), done.stderr


@pytest.mark.parametrize("command", ["build", "grade", "--help"])
def test_a_grader_without_its_clone_says_so(command, tmp_path):
    """As a wheel installs it: no solutions/, no lessons/ around it, and perhaps no lrlab."""
    shutil.copytree(paths.ROOT / "grader", tmp_path / "grader")
    no_lrlab = f"import sys; sys.modules['lrlab'] = None; sys.path.insert(0, {str(tmp_path)!r})\n"
    done = _run(no_lrlab + GRADER.format(command), tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("grader works from a clone of the course")
    assert done.stderr.count("\n") == 1
