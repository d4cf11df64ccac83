"""Whoever else has an account on the machine gets nothing while a class is graded there."""

import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from points import points_of
from users import within_reach

from grader import paths

pytestmark = pytest.mark.usefixtures("bubblewrap")

LESSON = "constant-lr"
INSTRUCTOR, OTHER = 65534, 65533
OTHER_USER = paths.ROOT / "tests" / "support" / "other_user.py"
STUDENTS = ("ada", "bob", "cy")
WAITING = "import time; time.sleep(6)"
LOOPBACK = (
    "import fcntl, socket, struct; "
    "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH14x', b'lo', 1))"  # SIOCSIFFLAGS, UP
)
# A network of their own: every port and socket that the other user finds is this run's.
BOTH = f"""
as() {{ user=$1; shift; setpriv --reuid $user --regid $user --clear-groups "$@"; }}
cd "$PLACE"
failed=0
"$PYTHON" -c "{LOOPBACK}"
as {OTHER} "$PYTHON" {OTHER_USER} class tmp home/diary end others/told &
until test -L tmp/dask-worker-space/cryptography.py; do sleep 0.1; done
umask 022
as {INSTRUCTOR} "$PYTHON" -m grader grade class/submitted --workers 1 || failed=$?
touch end
wait
exit $failed
"""


@pytest.fixture
def place():
    """A folder that both can enter, the instructor's home and class in it, and a common /tmp."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        for name, owner, mode in (
            ("home", INSTRUCTOR, 0o755),
            ("class", INSTRUCTOR, 0o755),  # as `mkdir -p class/submitted` makes it
            ("others", OTHER, 0o755),
            ("tmp", 0, 0o1777),
        ):
            (place / name).mkdir()
            (place / name).chmod(mode)
            os.chown(place / name, owner, owner)
        diary = place / "home" / "diary"
        diary.write_text("mine alone")
        diary.chmod(0o600)
        os.chown(diary, INSTRUCTOR, INSTRUCTOR)
        yield place


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")
def test_another_user_of_the_machine_gets_nothing(place, handed_in, solved):
    for student in STUDENTS:
        path = place / "class" / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        extra = (WAITING,) if student == STUDENTS[0] else ()
        path.write_bytes(handed_in(LESSON, solved(LESSON), *extra))
    variables = {"PLACE": str(place), "TMPDIR": str(place / "tmp"), "PYTHON": sys.executable}
    reached = within_reach(Path(sys.prefix), Path(sys.base_prefix), paths.ROOT, place)
    done = subprocess.run(
        ["unshare", "--net", *reached, "sh", "-ec", BOTH],
        env={**os.environ, **variables, "HOME": str(place / "home")},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    text = (place / "class" / "results.jsonl").read_text(encoding="utf-8")
    scores = {line["student"]: line["score"] for line in map(json.loads, text.splitlines())}
    assert scores == dict.fromkeys(STUDENTS, points_of(LESSON)), done.stderr
    assert (place / "others" / "told").exists(), done.stderr
    told = json.loads((place / "others" / "told").read_text())
    assert len(told["ports"]) >= 3  # of the scheduler, a nanny, a worker: it was there in time
    assert any(name.startswith("grader-") for name in told["seen"])
    assert [way for ways in told["ports"].values() for way in ways] == []
    assert [name for name, open_ in told["sockets"].items() if open_] == []
    assert [each for each in told["read"] if not each.startswith("class/submitted")] == []
    diary = place / "home" / "diary"
    assert (diary.read_text(), stat.S_IMODE(diary.stat().st_mode)) == ("mine alone", 0o600)
    left = [each for each in (place / "tmp").iterdir() if each.stat().st_uid != OTHER]
    assert left == []
