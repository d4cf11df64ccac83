"""All hostile and broken submissions, in the order in which they are handed in."""

from __future__ import annotations

from . import (
    broken,
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
        *(kernel, ending, wording),
    )
    for attack in theme.ATTACKS
]
assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
