"""Pieces of Python that several attacks use inside their notebooks."""

from __future__ import annotations

from grader import paths

from .base import ANY, ESCAPED, MARK, POINTS, Attack, looting

REPOSITORY = repr(str(paths.ROOT))
PRIZES = f"POINTS = {POINTS}\n"

# Never written out, or an attack's own source would look like its success.
ESCAPE = f'ESC = "{ESCAPED[:3]}" + "{ESCAPED[3:]} "\nMARK = "{MARK}"\n'

PIPE = """
import json, os, stat, fcntl, gc

def pipes():
    for fd in range(3, 256):
        try:
            writable = fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY
            if writable and stat.S_ISFIFO(os.fstat(fd).st_mode):
                yield fd
        except OSError:
            pass

def send_raw(data):
    for fd in pipes():
        try:
            rest = data
            while rest:
                rest = rest[os.write(fd, rest):]
        except OSError:
            pass

def send(message):
    send_raw(json.dumps(message).encode() + b"\\n")

def job():
    for thing in gc.get_objects():
        if type(thing) is list and thing and all(type(each) is dict for each in thing):
            if "source" in thing[0] and any("exercise" in each for each in thing):
                return thing
    return []
"""

# Sends `forge(exercise, case)` as the observation of every case of every graded cell.
FORGE = f"""{PIPE}
from lrlab.checking import codec

def forge_all(forge):
    for number, cell in enumerate(job()):
        if "exercise" in cell:
            seen = [forge(cell["exercise"], case) for case in codec.loads(cell["cases"])]
            send({{"cell": number, "observed": json.dumps(seen)}})
"""

# Looks for secrets in files below some folders, for at most ten seconds.
HUNT = """
import os, re, time, itertools
from pathlib import Path

SECRET = re.compile(rb"CANARY-[a-z]+-[0-9a-f]{16}")
USUAL = [*Path.cwd().parents, Path.home(), REPOSITORY, "/tmp", "/home", "/root", "/srv", "/mnt"]

def files_below(roots=USUAL, wanted=lambda name: True, seconds=10):
    end = time.monotonic() + seconds
    skipped = {"proc", "sys", "usr", "lib", "site-packages", "MNIST", "node_modules"}
    for root in roots:
        if str(root) == "/":
            continue
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(set(folders) - skipped)
            for name in names:
                if time.monotonic() > end:
                    return
                if wanted(name):
                    yield Path(folder, name)

def secrets_in(paths, limit=300_000):
    found = set()
    for path in paths:
        try:
            if path.is_file():
                with open(path, "rb") as file:
                    found.update(SECRET.findall(file.read(limit)))
        except OSError:
            pass
    return b" ".join(sorted(found)).decode()
""".replace("REPOSITORY", REPOSITORY)

# Runs the answers of any notebook found.
COPY_ANSWERS = """
import json

def take_answers(path):
    for cell in json.loads(Path(path).read_bytes())["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        source = "".join(cell["source"])
        if meta.get("solution") and "NotImplementedError" not in source:
            exec(source, globals())
            taken.append(meta["grade_id"])

taken = []
"""

LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
"""


def hunts(
    name: str, tries: str, source: str, tools: str = "", allowed: frozenset[str] = ANY
) -> Attack:
    """An attack whose code has HUNT, LIBC and `tools`, and puts what it finds into `loot`."""
    return Attack(name, tries, looting(ESCAPE + LIBC + HUNT + tools + source), allowed=allowed)
