"""What a learner has reached in each exercise, kept in progress.json from one day to the next."""

from __future__ import annotations

from ..own_files import keep, kept, obstacle

FILE = "progress.json"


_told = ""  # A card says once in a row why nothing is kept: every card would be a nuisance.


def note(exercise: str, earned: float) -> str:
    """Keep the points of an exercise if a person has just checked it.

    Returns what to tell this person if they could not be kept and that is news, else "".
    """
    global _told
    told, _told = _told, _sentence(keep(FILE, exercise, earned))
    return "" if _told == told else _told


def why_not() -> str:
    """Say why progress cannot be kept just now; empty if it can, or if nobody is here."""
    return _sentence(obstacle(FILE))


def _sentence(obstacle: str) -> str:
    if not obstacle:
        return ""
    return (
        f"Your progress counts only until this kernel ends: {obstacle}. Checks work as ever. Save "
        "the notebook where you may write, for your answers are in it."
    )


def earned_so_far() -> dict[str, float]:
    """The points of each exercise that was ever checked."""
    return {name: points for name, points in kept(FILE).items() if isinstance(points, (int, float))}
