"""The state of Python and torch in which answers are observed, whatever the notebook has set.

A cell may switch gradients off, turn warnings into errors or put something else in place of
`print`. That is the learner's business; an observer that trips over it would blame the answer.
"""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import torch

P = ParamSpec("P")
R = TypeVar("R")

BUILTINS = vars(builtins)
# Python's own functions and types, as they were before any cell could change one. What `input`
# does is the affair of whoever runs the cell: a kernel, or the guard around an answer.
OWN_BUILTINS: dict[str, Any] = {
    name: value
    for name, value in BUILTINS.items()
    if isinstance(value, (type, type(len))) and not name.startswith("_") and name != "input"
}
DELETED = object()
WARN_US = ("builtins", "torch")  # where the kinds of warnings come from that observers may meet
# What torch and Python call on their own, as it was before any cell could change it.
ORIGINALS: list[tuple[Any, str, Any]] = [
    (owner, name, getattr(owner, name))
    for owner, names in (
        (builtins, ("print",)),
        (warnings, ("warn", "warn_explicit", "showwarning", "formatwarning")),
    )
    for name in names
]


def on_own_builtins(work: Callable[P, R]) -> Callable[P, R]:
    """Give a function Python's own built-in functions, whatever a cell has put in their place.

    Afterwards they are as before. Nothing built in is called until they are back.

    Example:
        >>> add_up, builtins.sum = on_own_builtins(lambda values: sum(values)), None
        >>> add_up([1, 2]), sum
        (3, None)
        >>> builtins.sum = OWN_BUILTINS["sum"]
    """

    @wraps(work)
    def with_own_builtins(*args: P.args, **kwargs: P.kwargs) -> R:
        replaced = {
            name: BUILTINS.get(name, DELETED)
            for name, own in OWN_BUILTINS.items()
            if BUILTINS.get(name) is not own
        }
        if not replaced:
            return work(*args, **kwargs)
        BUILTINS.update(OWN_BUILTINS)
        try:
            return work(*args, **kwargs)
        finally:
            for name, value in replaced.items():
                if value is DELETED:
                    BUILTINS.pop(name, None)
                else:
                    BUILTINS[name] = value

    return with_own_builtins


def own_footing() -> AbstractContextManager[None]:
    """Gradients, the device, warnings and `print` as in a fresh Python; afterwards as before.

    The default dtype stays, because an answer may count on it: observers name theirs.

    Example:
        >>> _ = torch.set_grad_enabled(False)
        >>> with own_footing():
        ...     torch.is_grad_enabled()
        True
        >>> torch.is_grad_enabled()
        False
        >>> _ = torch.set_grad_enabled(True)
    """
    return _restored() if _disturbed() else nullcontext()


def _disturbed() -> bool:
    """Whether anything has to be put right, which is seldom, and told in no time."""
    return (
        not torch.is_grad_enabled()
        or torch.is_inference_mode_enabled()
        or torch.get_default_device().type != "cpu"
        or any(getattr(owner, name) is not original for owner, name, original in ORIGINALS)
        or _warnings_are_errors()
    )


def _warnings_are_errors() -> bool:
    for action, message, category, module, line in warnings.filters:
        # IPython makes errors of warnings of its own, in every notebook: nobody here gives them.
        if action == "error" and category.__module__.partition(".")[0] in WARN_US:
            return True
        if (message, category, module, line) == (None, Warning, None, 0):
            return False  # It answers every warning, so no later filter is asked.
    return False


@contextmanager
def _restored() -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))  # which slows each call of torch
        for owner, name, original in ORIGINALS:
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, original)
        stack.enter_context(warnings.catch_warnings())
        if _warnings_are_errors():
            warnings.simplefilter("default")
        yield
