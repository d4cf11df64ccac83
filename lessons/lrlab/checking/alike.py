"""Whether two observations count as the same."""

from __future__ import annotations

from .answer import Observation
from .compare import Difference, difference

ERROR_IDENTITY = ("type", "missing", "about", "raised_in")


def differs(one: Observation, other: Observation, abs_tol: float) -> Difference | None:
    """The first difference between two observations, or None if they count as the same."""
    return difference(identity(one), identity(other), abs_tol)


def identity(observed: Observation) -> Observation:
    """The same without the texts of exceptions, which differ from one Python to the next.

    An exception is known by its type, by the attribute or key that is missing, by the argument or
    type that Python complains of, and by the function of torch that raised it, wherever in the
    learner's code that happens.
    """
    if "error" in observed:
        error = observed["error"]
        return {"error": {name: error[name] for name in ERROR_IDENTITY if error.get(name)}}
    if "reason" in observed:
        return {name: value for name, value in observed.items() if name != "reason"}
    return observed
