"""All hostile and broken submissions, in the order in which they are handed in."""

from __future__ import annotations

from . import (
    broken,
    burdening,
    calling,
    changing,
    damaged,
    ending,
    endless,
    escaping,
    exhausting,
    forging,
    kernel,
    lasting,
    linking,
    pretending,
    protocol,
    reading,
    wording,
)

ATTACKS = [
    attack
    for theme in (
        *(forging, pretending, protocol, reading, linking, changing, calling),
        *(escaping, lasting, endless, exhausting, broken, damaged),
        *(kernel, ending, wording, burdening),
    )
    for attack in theme.ATTACKS
]
assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)

# Only a limit ends these: they are handed in to classes of their own, whose limits are short.
ENDLESS = frozenset(
    {
        *("endless-cell", "endless-stubborn", "endless-deaf", "endless-in-c", "endless-answers"),
        *("slow-answers", "stops-itself", "prints-forever", "pipe-begins", "pipe-drip"),
        *("hangs-when-asked", "hangs-in-its-cell", "hangs-everywhere", "stops-the-clock"),
        *("save-never-ends", "stays-unkillable", "drips", "drips-behind-much"),
    }
)
assert {attack.name for attack in ATTACKS} >= ENDLESS
