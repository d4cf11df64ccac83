"""What one submission may use, and what stands between it and this machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Wall(StrEnum):
    """What stands between learners' code and this machine."""

    bwrap = "bwrap"
    none = "none"


@dataclass(frozen=True)
class Limits:
    """What one submission may use at once; `cell_seconds` and `seconds` are wall-clock time."""

    cell_seconds: int = 20
    seconds: int = 120
    memory_bytes: int = 2 * 2**30
    file_bytes: int = 32 * 2**20
    tmp_bytes: int = 64 * 2**20
    processes: int = 64
    open_files: int = 64
    printed_chars: int = 2**20
