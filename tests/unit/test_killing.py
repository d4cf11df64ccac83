"""A program is ended with all that it started, also where some of it ends by itself meanwhile."""

import subprocess
import sys

import psutil
import pytest
from killing import kill_tree

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
PARENT = f"import subprocess, time; subprocess.Popen({SLEEP!r}); print(flush=True); time.sleep(600)"


@pytest.fixture
def parent():
    """A program that has started another one."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        yield program
        program.kill()


def test_what_it_started_ends_with_it(parent):
    (child,) = psutil.Process(parent.pid).children()
    kill_tree(parent)
    assert parent.returncode and child.wait(60) is None


@pytest.mark.parametrize("place", [0, 1])
def test_one_that_has_ended_meanwhile_is_passed_over(parent, monkeypatch, place):
    with subprocess.Popen(SLEEP) as other:
        gone = psutil.Process(other.pid)
        other.kill()
    found = psutil.Process(parent.pid).children()
    (child,) = found
    found.insert(place, gone)
    monkeypatch.setattr(psutil.Process, "children", lambda *_, **__: found)
    kill_tree(parent)
    assert parent.returncode and child.wait(60) is None


def test_a_program_that_has_ended_has_no_processes(parent):
    (child,) = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    kill_tree(parent)
    child.kill()
