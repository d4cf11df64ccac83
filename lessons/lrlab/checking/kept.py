"""What a learner has reached in each exercise, kept in progress.json from one day to the next."""

from __future__ import annotations

from ..own_files import keep, kept

FILE = "progress.json"


def note(exercise: str, earned: float) -> None:
    """Keep the points of an exercise if a person has just checked it."""
    keep(FILE, exercise, earned)


def earned_so_far() -> dict[str, float]:
    """The points of each exercise that was ever checked."""
    return {name: points for name, points in kept(FILE).items() if isinstance(points, (int, float))}
