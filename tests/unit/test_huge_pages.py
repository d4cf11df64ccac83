"""Memory that is moved into huge pages holds what it held, and a fork of it works."""

import mmap
import subprocess
import sys

import pytest

from grader.inside import huge_pages

FILLED = """
import os, sys
from grader.inside import huge_pages

{refuse}
content = bytes(range(256)) * 2**17  # 32 MiB
held = [bytearray(content[:2**20]) for _ in range(32)]
huge_pages.use_huge_pages()
child = os.fork()
held[0][0] = 1
if child == 0:
    assert all(part[1:] == content[1:2**20] for part in held)
    os._exit(0)
_, status = os.waitpid(child, 0)
assert status == 0 and all(part[1:] == content[1:2**20] for part in held)
lines = dict(line.split()[:2] for line in list(open("/proc/self/smaps_rollup"))[1:])
print(lines["AnonHugePages:"])
"""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
PR_SET_THP_DISABLE = 41  # Also where the kernel would give huge pages to everybody.
REFUSE = f"assert huge_pages.libc.prctl({PR_SET_THP_DISABLE}, 1, 0, 0, 0) == 0"


def huge_kib(refuse):
    code = FILLED.format(refuse=refuse)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout)


def kernel_has_huge_pages():
    place = mmap.mmap(-1, 4 * 2**20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    place.write(bytes(4 * 2**20))
    try:
        place.madvise(huge_pages.MADV_COLLAPSE)
    except OSError:
        return False
    return True


def test_memory_is_as_it_was():
    huge = huge_kib("")
    if not kernel_has_huge_pages():
        pytest.skip("this kernel has no MADV_COLLAPSE, or no huge pages: nothing was moved")
    assert huge >= 16 * 1024


def test_a_kernel_that_refuses_changes_nothing():
    assert huge_kib(REFUSE) < 16 * 1024
