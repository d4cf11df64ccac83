"""Memory in huge pages: a fork copies the list of all pages, and writing to one splits only that.

What is warm, torch above all, is hundreds of MB. In pages of 4 KiB its list takes most of a fork.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator

from .walls import libc

MADV_COLLAPSE = 25  # Linux knows it since 6.1; another kernel refuses it, and all stays as it was.
PRIVATE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0\b")  # and of no file


def use_huge_pages() -> None:
    """Move this process's memory into huge pages, as far as it fills such and they are to be had.

    It copies all of it, which is paid back after some forks. Source: `man 2 madvise`.
    """
    for begin, size in list(_own_memory()):
        libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(size), MADV_COLLAPSE)


def _own_memory() -> Iterator[tuple[int, int]]:
    """Begin and bytes of each stretch of memory that this process can write to."""
    with open("/proc/self/maps") as file:
        for line in file:
            if found := PRIVATE.match(line):
                begin, end = (int(text, 16) for text in found.groups())
                yield begin, end - begin
