"""Training loops that are written as words, so that a wrong order of calls is one line."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any


def quiet(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The answer without torch's warnings, which cost nobody points but stop our own tests."""

    def silent(**arguments: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return answer(**arguments)

    return silent


Actions = dict[str, Callable[[SimpleNamespace], Any]]


def _lr(run: SimpleNamespace) -> float:
    return run.optimizer.param_groups[0]["lr"]


# The words in which an order of calls is written.
ACTIONS: Actions = {
    "log": lambda run: run.lrs.append(_lr(run)),
    "train": lambda run: run.train_batch(run.batch),
    "optimizer": lambda run: run.optimizer.step(),
    "scheduler": lambda run: run.scheduler.step(),
    "scheduler(epoch)": lambda run: run.scheduler.step(run.epoch),
    "train.backward": lambda run: run.train_batch(run.batch).backward(),
    "log-all-groups": lambda run: run.lrs.append([g["lr"] for g in run.optimizer.param_groups]),
    "log-last-group": lambda run: run.lrs.append(run.optimizer.param_groups[-1]["lr"]),
    "log-default": lambda run: run.lrs.append(run.optimizer.defaults["lr"]),
    "log-get_lr": lambda run: run.lrs.append(run.scheduler.get_lr()[0]),
    "zero": lambda run: run.optimizer.zero_grad(),
    "scheduler-unless-last": lambda run: run.epoch + 1 < run.epochs and run.scheduler.step(),
}


def begin(actions: Actions, **arguments: Any) -> tuple[SimpleNamespace, Callable[[str], None]]:
    """A loop's state, its arguments and the rates it has noted; and what does a line of words."""
    run = SimpleNamespace(**arguments, lrs=[])

    def act(words: str) -> None:
        for word in words.split():
            actions[word](run)

    return run, act


def order(
    start: str, batch: str, end: str, before: str = "", after: str = "", actions: Actions = ACTIONS
) -> Any:
    """A training loop with these actions at an epoch's start, for each batch, at an epoch's end,
    and before and after all epochs."""

    @quiet
    def fit(batches, epochs, **others):
        run, act = begin(actions, batches=batches, epochs=epochs, **others)
        act(before)
        for run.epoch in range(epochs):
            act(start)
            for run.batch in batches:
                act(batch)
            act(end)
        act(after)
        return run.lrs

    return fit
