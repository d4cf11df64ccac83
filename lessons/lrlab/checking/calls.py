"""Name what is wrong with an order of calls, as the one edit that turns the right order into it.

The edits know no exercise: each call of one kind is missing, doubled, moved to another loop, or
comes too early or too late. Where none fits, the first calls that differ are shown side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby, permutations
from typing import Any

Events = list[str]
Edit = Callable[[Events], Events]

SHOWN_BEFORE, SHOWN_AFTER = 2, 2
BATCH = "train_batch"
# Which of the calls in an epoch are left, where each batch takes two.
FEWER_BATCHES = {
    "you leave out the last batch of each epoch": slice(None, -2),
    "you leave out the first batch of each epoch": slice(2, None),
    "you train on the first batch of each epoch only": slice(None, 2),
    "you train on the last batch of each epoch only": slice(-2, None),
}


def kind(event: Any) -> str:
    """The name of a call, without what it was given; a list of rates is the optimizer's step."""
    if isinstance(event, str):
        return event.partition(" ")[0]
    if isinstance(event, list) and event and isinstance(event[0], str):
        return event[0]
    return "optimizer.step"


def explain_calls(expected: Sequence[list[Any]], seen: Sequence[list[Any]]) -> str:
    """A clause for the edit that explains the order of calls in every case; empty if none does."""
    right = [[kind(event) for event in events] for events in expected]
    mine = [[kind(event) for event in events] for events in seen]
    if right == mine:
        return _other_batches(expected, seen)
    kinds = list(dict.fromkeys(event for events in right for event in events))
    for clause, edit in _edits(kinds):
        if all(edit(one) == other for one, other in zip(right, mine)):
            return clause
    for ends in kinds:
        for clause, kept in FEWER_BATCHES.items():
            if all(_shorter_rounds(ends, kept, one) == other for one, other in zip(expected, seen)):
                return clause
    return ""


def side_by_side(expected: list[Any], seen: list[Any]) -> str:
    """The first calls that differ, yours and the right ones, with some before them.

    Example:
        >>> side_by_side(["train_batch 0", "optimizer.step"], ["train_batch 0", "scheduler.step"])
        'You did: train_batch 0, scheduler.step. Expected: train_batch 0, optimizer.step.'
    """
    both = zip(expected, seen)
    at = next((n for n, (one, other) in enumerate(both) if one != other), None)
    first = min(len(expected), len(seen)) if at is None else at
    start = max(0, first - SHOWN_BEFORE)
    end = first + SHOWN_AFTER
    yours, right = (_shown(events, start, end, kind) for events in (seen, expected))
    if yours == right:  # They differ in what was given.
        yours, right = (_shown(events, start, end, _with_numbers) for events in (seen, expected))
    return f"You did: {yours}. Expected: {right}."


def _with_numbers(event: Any) -> str:
    """A call and what it was given, or the optimizer's step and its rates."""
    if not isinstance(event, list):
        return kind(event)
    given = event[1:] if event[:1] == [kind(event)] else event
    numbers = ", ".join(f"{each:.10g}" if isinstance(each, float) else str(each) for each in given)
    return f"{kind(event)} ({numbers})"


def _shown(events: list[Any], start: int, end: int, words: Callable[[Any], str]) -> str:
    shown = [event if isinstance(event, str) else words(event) for event in events[start:end]]
    dots = ["…"] if start else []
    more = ["…"] if end < len(events) else []
    if end - SHOWN_AFTER >= len(events):  # They end before the first call that differs.
        more = ["nothing more"]
    return ", ".join([*dots, *shown, *more])


def _edits(kinds: Sequence[str]) -> Iterator[tuple[str, Edit]]:
    for call in kinds:
        yield f"you never call {call}", partial(_without, call)
        yield f"you call {call} twice each time", partial(_twice, call)
        yield f"you call {call} once more at the beginning", partial(_first, call)
        yield f"you call {call} once more at the end", partial(_last, call)
        yield f"the first {call} is missing", partial(_all_but, call, 0)
        yield f"the last {call} is missing", partial(_all_but, call, -1)
        words = f"you call {call} only once, at the"
        yield f"{words} end: it belongs inside the loop", partial(_once_last, call)
        yield f"{words} beginning: it belongs inside the loop", partial(_once_first, call)
    for call, other in permutations(kinds, 2):
        yield f"you call {call} before {other}, not after it", partial(_before_runs, call, other)
        yield f"you call {call} after {other}, not before it", partial(_behind, call, other)
        yield (
            f"you call {call} after every {other}: it is in the wrong loop",
            partial(_beside, call, [other, call], other),
        )
        yield (
            f"you call {call} before every {other}: it is in the wrong place",
            partial(_beside, call, [call, other], other),
        )
        yield (
            f"you call {call} once after several {other}: it belongs in the inner loop",
            partial(_once_per_run, call, other),
        )
        yield f"you exchange {call} and {other}", partial(_exchanged, call, other)


def _twice(call: str, events: Events) -> Events:
    return [e for event in events for e in [event] * (2 if event == call else 1)]


def _without(call: str, events: Events) -> Events:
    return [event for event in events if event != call]


def _first(call: str, events: Events) -> Events:
    return [call, *events]


def _last(call: str, events: Events) -> Events:
    return [*events, call]


def _once_first(call: str, events: Events) -> Events:
    return [call, *_without(call, events)]


def _once_last(call: str, events: Events) -> Events:
    return [*_without(call, events), call]


def _exchanged(call: str, other: str, events: Events) -> Events:
    return [{call: other, other: call}.get(event, event) for event in events]


def _all_but(call: str, which: int, events: Events) -> Events:
    places = [n for n, event in enumerate(events) if event == call]
    left_out = places[which] if places else -1
    return [event for n, event in enumerate(events) if n != left_out]


def _beside(call: str, pair: Events, other: str, events: Events) -> Events:
    return [e for event in _without(call, events) for e in (pair if event == other else [event])]


def _behind(call: str, other: str, events: Events) -> Events:
    """The call right behind each other one, as often as it was made."""
    moved = _beside(call, [other, call], other, events)
    return moved if len(moved) == len(events) else events


def _before_runs(call: str, other: str, events: Events) -> Events:
    """The call moved in front of the other one that precedes it, each time."""
    moved: Events = []
    for event in events:
        if event == call and other in moved:
            moved.insert(len(moved) - 1 - moved[::-1].index(other), call)
        else:
            moved.append(event)
    return moved


def _once_per_run(call: str, other: str, events: Events) -> Events:
    """The call after a whole run of the other one, not after each."""
    joined: Events = []
    for name, run in groupby(_without(call, events)):
        joined += [*run, *([call] if name == other else [])]
    return joined


def _shorter_rounds(ends: str, kept: slice, events: list[Any]) -> list[Any]:
    """Each epoch, which ends with one call, with fewer of its batches, of two calls each."""
    epochs: list[Any] = []
    batch: list[Any] = []
    for event in events:
        if kind(event) != ends:
            batch.append(event)
        else:
            whole = all(kind(each) == BATCH for each in batch[::2])
            epochs += [*(batch[kept] if whole else batch), event]
            batch = []
    return [*epochs, *batch]


def _other_batches(expected: Sequence[list[Any]], seen: Sequence[list[Any]]) -> str:
    """Whether the calls are the right ones but for the batches, which come in another order."""
    for one, other in zip(expected, seen):
        if not any(kind(event) == BATCH for event in one):
            return ""
        if one != other and sorted(map(str, one)) != sorted(map(str, other)):
            return ""
    return "you go through the batches in another order" if expected != seen else ""
