"""Lesson 5, `detective`: read the log of a run, and say what its training loop does wrong.

Source of the truth: torch.optim.lr_scheduler.StepLR and ReduceLROnPlateau, stepped in every way
that the answers have a word for.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise, zip_longest
from typing import Any

from grader.exercise import Exercise, NearMiss
from grader.exercises.plateau import DEFAULTS, INF, Config
from grader.exercises.plateau import _compares_with_previous as compares_with_previous
from grader.exercises.plateau import _plateau_lrs as plateau_lrs
from grader.exercises.plateau import _plateau_update as plateau_call
from grader.exercises.plateau import _with as reading
from grader.written import Criterion, Written
from lrlab.checking.help import Help

REL_TOL = 1e-9
Log = Sequence[float]
Case = dict[str, Any]


def _alike(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=REL_TOL, abs_tol=0.0)


def _equal(one: float, other: float) -> bool:
    return one == other


def _parting(
    log: Log, plan: Iterable[float], alike: Callable[[float, float], bool] = _alike
) -> int | None:
    """The first index at which two runs part, or None; the plan is made as far as it is needed."""
    pairs = zip_longest(log, plan, fillvalue=math.nan)  # which is like no lr
    return next((i for i, (one, other) in enumerate(pairs) if not alike(one, other)), None)


def _same(log: Log, plan: Iterable[float], alike: Callable[[float, float], bool] = _alike) -> bool:
    return _parting(log, plan, alike) is None


# --- first_difference ------------------------------------------------------------------------


def _differing(log: Log, plan: Log, start: int = 0) -> list[int]:
    """Every index whose lr differs, among those that only one of the lists has."""
    both = min(len(log), len(plan))
    missing = range(both, max(len(log), len(plan)))
    return [i for i in range(start, both) if not _alike(log[i], plan[i])] + [*missing]


def _first(found: Sequence[int]) -> int | None:
    return found[0] if found else None


def _first_difference(log: Log, plan: Log) -> int | None:
    return _parting(log, plan)


def _first_difference_by(alike: Callable[[float, float], bool]) -> Callable[..., int | None]:
    return lambda log, plan: _parting(log, plan, alike)


def _first_change(log, plan):
    return next((i for i in range(1, len(log)) if not _alike(log[i], log[i - 1])), None)


def _lengths_first(log, plan):
    if len(log) != len(plan):
        return min(len(log), len(plan))
    return _first_difference(log, plan)


def _only_same_length(log, plan):
    return _first_difference(log, plan) if len(log) == len(plan) else None


def _instead_of_none(answer: Any) -> Callable[..., Any]:
    def wrong(log, plan):
        found = _first_difference(log, plan)
        return answer if found is None else found

    return wrong


def _lr_there(log, plan):
    found = _first_difference(log, plan)
    return log[found] if found is not None and found < len(log) else None


def _draw_first_difference(rng: random.Random) -> Case:
    """The log of a StepLR run beside its plan, with a difference somewhere, or none."""
    step_size, gamma = rng.randint(2, 4), rng.choice([0.3, 0.7, 0.1])
    epochs = rng.randint(6, 10)
    lr, plan = rng.choice([1e-8, 1.0]) * rng.uniform(0.11, 0.39), []
    for epoch in range(epochs):
        lr *= gamma if epoch and epoch % step_size == 0 else 1.0
        plan.append(lr)
    log = [each * rng.choice([1.0, 1 + 1e-12, 1 - 1e-12]) for each in plan]
    kind = rng.choice(["none", "one", "rest", "long log", "short log", "both"])
    at = rng.choice([0, rng.randrange(epochs), rng.randrange(1, epochs)])
    if kind in ("one", "both"):
        log[at] *= rng.choice([1.0001, 0.5, 1 + 1e-6])
    if kind == "rest":
        log[at:] = [each * gamma for each in log[at:]]
    if kind in ("long log", "both"):
        log.append(log[-1])
    if kind == "short log":
        log.pop()
    return {"log": log, "plan": plan}


first_difference = Exercise(
    id="first_difference",
    lesson="detective",
    points=2,
    help=Help(
        idea="Go through both lists side by side, and stop where they part for the first time.",
        step=(
            "Two lrs agree if they differ by less than a billionth of their size; `math.isclose` "
            "can say so. What if no pair differs, but one list goes on?"
        ),
        sibling="""\
def first_longer(words, others):
    for number, (word, other) in enumerate(zip(words, others)):
        if len(word) > len(other):
            return number
    return None
""",
        why=(
            "Where a log first leaves its plan tells more than how far it is off at the end: that "
            "epoch is the one to look at."
        ),
    ),
    reference=_first_difference,
    directed=[
        {"log": log, "plan": plan}
        for log, plan in (
            ([0.2, 0.1, 0.1], [0.2, 0.2, 0.1]),
            ([0.2, 0.2, 0.1, 0.1], [0.2, 0.2, 0.2, 0.1]),
            ([0.2, 0.2, 0.02], [0.2, 0.2, 0.2 * 0.1]),  # the last bits of a float differ
            ([0.1, 0.2, 0.2, 0.2], [0.2, 0.2, 0.2, 0.2]),
            ([0.2, 0.2, 0.04, 0.04, 0.02], [0.2, 0.2, 0.1, 0.1, 0.05]),
            ([0.3, 0.3, 0.15], [0.3, 0.3, 0.15, 0.15]),
            ([0.3, 0.3, 0.15, 0.15, 0.15], [0.3, 0.3, 0.15]),
            ([0.3, 0.1, 0.15], [0.3, 0.3, 0.15, 0.15]),
            ([0.3, 0.1, 0.15, 0.1], [0.3, 0.3, 0.15]),
            ([2e-10, 2e-10, 2.004e-10], [2e-10, 2e-10, 2e-10]),
            ([0.2, 0.2, 0.2 * (1 + 1e-6)], [0.2, 0.2, 0.2]),
            ([0.1, 0.05, 0.0], [0.1, 0.05, 0.0]),
            ([], [0.1, 0.1]),
            ([], []),
            ([0.2, 0.2, 0.2, 0.1], [0.2, 0.2, 0.1, 0.1]),  # an lr that was there before
        )
    ],
    draw=_draw_first_difference,
    edges=[
        lambda _, c: {"log": c["plan"]},
        lambda _, c: {"log": c["log"][:1], "plan": c["plan"][:1]},
        lambda _, c: {"log": [], "plan": []},
        lambda _, c: {"log": []},
        lambda _, c: {"plan": []},
        lambda _, c: {"log": [0.0] * 4, "plan": [0.0] * 4},
        lambda _, c: {"log": [0.0, *c["log"]], "plan": [0.0, *c["plan"]]},
        lambda _, c: {"log": c["plan"][::-1]},
        lambda _, c: {"log": [*c["plan"][:1], *c["plan"][:-1]]},
        lambda _, c: {"log": [each * (1 + 0.99e-9) for each in c["plan"]]},
        lambda _, c: {"log": [each * (1 - 1.01e-9) for each in c["plan"]]},
        lambda _, c: {"log": c["log"] * 20, "plan": c["plan"] * 20},
    ],
    misconceptions={
        "You compare floats exactly: `0.2 * 0.1` and `0.02` are the same lr. Allow 1e-9 of it.": (
            _first_difference_by(_equal)
        ),
        "Your tolerance is the same for every lr: 1e-9 is small beside 0.1, not beside 1e-10.": (
            _first_difference_by(lambda a, b: abs(a - b) <= 1e-9)
        ),
        "Your tolerance is too wide: a millionth of lr is a difference.": (
            _first_difference_by(lambda a, b: math.isclose(a, b, rel_tol=1e-3))
        ),
        "You count from 1: the first epoch has number 0.": NearMiss(
            lambda log, plan: _first([i + 1 for i in _differing(log, plan)]), credit=0.5
        ),
        "You stop where the shorter list ends: an epoch that only one list has is a difference.": (
            lambda log, plan: _first(
                [i for i in _differing(log, plan) if i < min(len(log), len(plan))]
            )
        ),
        "You do not notice a log that is too short: the plan's next epoch is missing in it.": (
            lambda log, plan: _first([i for i in _differing(log, plan) if i < len(log)])
        ),
        "You do not notice a log that is too long: the plan has no such epoch.": (
            lambda log, plan: _first([i for i in _differing(log, plan) if i < len(plan)])
        ),
        "You look at the lengths first: an lr may differ before the shorter list ends.": (
            _lengths_first
        ),
        "You compare lists of one length only: lists of two lengths always differ somewhere.": (
            _only_same_length
        ),
        "You give the last difference: the first one is asked for.": (
            lambda log, plan: _first(_differing(log, plan)[::-1])
        ),
        "You give -1 where nothing differs: None is asked for.": NearMiss(
            _instead_of_none(-1), credit=0.5
        ),
        "You give 0 where nothing differs: that would be the first epoch. None is asked for.": (
            _instead_of_none(0)
        ),
        "You give the number of epochs where nothing differs: None is asked for.": (
            lambda log, plan: _instead_of_none(len(plan))(log, plan)
        ),
        "You count the differences: the index of the first one is asked for.": (
            lambda log, plan: len(_differing(log, plan)) or None
        ),
        "You list all differences: the first one is asked for.": (
            lambda log, plan: _differing(log, plan) or None
        ),
        "You say whether there is a difference: its index is asked for.": (
            lambda log, plan: bool(_differing(log, plan))
        ),
        "You give the lr at the difference: its index is asked for.": _lr_there,
        "You find where the log itself first changes: compare it with the plan.": _first_change,
        "You skip epoch 0: the first lr can be wrong, too.": (
            lambda log, plan: _first(_differing(log, plan, start=1))
        ),
    },
)


# --- culprit ---------------------------------------------------------------------------------

NONE, PER_BATCH, BEFORE, NEVER = "none", "per batch", "before the batches", "never stepped"
TWICE, LATE = "twice an epoch", "one epoch late"
BREAK, HAND = "state lost at a break", "lr set by hand"
CULPRITS = (NONE, PER_BATCH, BEFORE, NEVER, TWICE, LATE, BREAK, HAND)


def _log(word: str, *loop: Any) -> list[float]:
    """The log of a loop that does wrong what `word` says; `loop` is as for `_lrs`."""
    return list(_lrs(word, *loop))


def _lrs(
    word: str,
    lr0: float,
    step_size: int,
    gamma: float,
    batches: int,
    epochs: int,
    at: int = 0,
    value: float = 0.0,
) -> Iterator[float]:
    """The same lr by lr; in epoch `at` the loop does what it does wrong only once."""
    lr, steps = lr0, 0
    for epoch in range(epochs):
        if word == HAND and epoch == at:
            lr = value
        if word == BREAK and epoch == at:
            steps = 0  # a fresh scheduler, while the optimizer keeps lr
        for batch in range(batches):
            if (word == PER_BATCH and epoch + batch > 0) or (word == BEFORE and batch == 0):
                lr, steps = _step(lr, steps, step_size, gamma)
            yield lr
        for _ in range(_steps_after(word, epoch)):
            lr, steps = _step(lr, steps, step_size, gamma)


def _step(lr: float, steps: int, step_size: int, gamma: float) -> tuple[float, int]:
    """One call of StepLR.step: it multiplies the lr that is there, every `step_size` calls."""
    steps += 1
    return (lr * gamma if steps % step_size == 0 else lr), steps


def _steps_after(word: str, epoch: int) -> int:
    if word in (PER_BATCH, BEFORE, NEVER):
        return 0
    if word == LATE:
        return int(epoch > 0)
    return 2 if word == TWICE else 1


def _is_planned(value: float, lr0: float, gamma: float) -> bool:
    """Whether lr is lr0 times a power of gamma, so that no hand need have set it."""
    power = math.log(value / lr0) / math.log(gamma)
    return math.isclose(lr0 * gamma ** round(power), value, rel_tol=1e-6)


def _epochs(log: Log, batches: int) -> int:
    return len(log) // batches


def _breaks(step_size: int, epochs: int) -> list[int]:
    """The epochs before which a fresh StepLR shows: later it has no drop to miss."""
    return [k for k in range(2, epochs - step_size) if k % step_size]


def _explains(
    word: str,
    log: Log,
    lr0: float,
    step_size: int,
    gamma: float,
    batches: int,
    alike: Callable[[float, float], bool] = _alike,
) -> bool:
    """Whether a loop that does what `word` says gives this log."""
    rest = (lr0, step_size, gamma, batches, _epochs(log, batches))
    if word == BREAK:
        return any(_same(log, _lrs(word, *rest, k), alike) for k in _breaks(step_size, rest[-1]))
    if word == HAND:
        at = _parting(log, _lrs(NONE, *rest), alike)
        return (
            at is not None
            and at % batches == 0
            and not _is_planned(log[at], lr0, gamma)
            and _same(log, _lrs(word, *rest, at // batches, log[at]), alike)
        )
    return _same(log, _lrs(word, *rest), alike)


def _culprit(
    log: Log,
    lr0: float,
    step_size: int,
    gamma: float,
    batches: int,
    words: Iterable[str] = CULPRITS,
    otherwise: str | None = None,
    explains: Callable[..., bool] = _explains,
) -> str | None:
    """The first of some words that explains a log."""
    case = (log, lr0, step_size, gamma, batches)
    return next((word for word in words if explains(word, *case)), otherwise)


def _without(*words: str) -> tuple[str, ...]:
    return tuple(word for word in CULPRITS if word not in words)


def _swapped(one: str, other: str) -> Callable[..., str | None]:
    names = {one: other, other: one}

    def wrong(**case):
        found = _culprit(**case)
        return names.get(found, found)

    return wrong


def _called(detective: Callable[..., str], change: Callable[[str], Any]) -> Callable[..., Any]:
    """A detective that is right, but calls what it finds by another name."""
    return lambda **case: change(detective(**case))


def _misspelt(detective: Callable[..., str]) -> dict[str, NearMiss]:
    """How any detective may miss the words that were asked for."""
    return {
        "You give None where all is as planned: the word is `none`.": NearMiss(
            _called(detective, lambda word: None if word == NONE else word), credit=0.5
        ),
        "You write the words with underscores: they have spaces.": NearMiss(
            _called(detective, lambda word: word.replace(" ", "_")), credit=0.5
        ),
    }


def _other_explanation(word: str, make: Callable[..., bool]) -> Callable[..., str | None]:
    """A detective that is right but for what it takes one word to mean."""

    def explains(each, *case):
        return make(*case) if each == word else _explains(each, *case)

    return lambda **case: _culprit(**case, explains=explains)


def _explains_exactly(word, log, lr0, step_size, gamma, batches):
    """Compares the closed form, bit by bit, with what torch has multiplied step by step."""
    if word in (BREAK, HAND):
        return _explains(word, log, lr0, step_size, gamma, batches)
    doubled = _log(word, 1.0, step_size, 2.0, batches, _epochs(log, batches))
    return log == [lr0 * gamma ** int(math.log2(each)) for each in doubled]


def _half_steps(log, lr0, step_size, gamma, batches):
    epochs = _epochs(log, batches)
    return _same(log, _log(NONE, lr0, step_size // 2, gamma, batches, epochs))


def _breaks_in_the_middle(log, lr0, step_size, gamma, batches):
    epochs = _epochs(log, batches)
    return _same(log, _log(BREAK, lr0, step_size, gamma, batches, epochs, epochs // 2))


def _break_starts_over(log, lr0, step_size, gamma, batches):
    epochs = _epochs(log, batches)
    return any(
        _same(
            log,
            [
                *_log(NONE, lr0, step_size, gamma, batches, k),
                *_log(NONE, lr0, step_size, gamma, batches, epochs - k),
            ],
        )
        for k in _breaks(step_size, epochs)
    )


def _hand_for_good(log, lr0, step_size, gamma, batches):
    at = _parting(log, _lrs(NONE, lr0, step_size, gamma, batches, _epochs(log, batches)))
    return at is not None and len({*log[at:]}) == 1


def _hand_raises(log, lr0, step_size, gamma, batches):
    return any(after > before for before, after in pairwise(log))


def _hand_off_drops(log, lr0, step_size, gamma, batches):
    at = _parting(log, _lrs(NONE, lr0, step_size, gamma, batches, _epochs(log, batches)))
    on_a_drop = at is not None and at // batches % step_size == 0
    return not on_a_drop and _explains(HAND, log, lr0, step_size, gamma, batches)


def _by_epoch(log, lr0, step_size, gamma, batches):
    """Sees the first update of each epoch, where nothing tells a scheduler stepped per batch."""
    log = [lr for lr in log[::batches] for _ in range(batches)]
    return _culprit(log, lr0, step_size, gamma, batches)


def _entry_is_epoch(log, lr0, step_size, gamma, batches):
    return _culprit(log, lr0, step_size, gamma, 1)


def _without_last_epoch(log, lr0, step_size, gamma, batches):
    return _culprit(log[:-batches], lr0, step_size, gamma, batches)


def _count_of_drops(log, lr0, step_size, gamma, batches):
    def explains(word, log, *case):
        rest = (*case, _epochs(log, batches))
        if word in (BREAK, HAND):
            return _explains(word, log, *case)
        return len({*log}) == len({*_log(word, *rest)})

    return _culprit(log, lr0, step_size, gamma, batches, explains=explains)


def _last_lr(log, lr0, step_size, gamma, batches):
    def explains(word, log, *case):
        if word in (BREAK, HAND):
            return _explains(word, log, *case)
        return _alike(log[-1], _log(word, *case, _epochs(log, batches))[-1])

    return _culprit(log, lr0, step_size, gamma, batches, explains=explains)


def _culprit_case(word: str, lr0, step_size, gamma, batches, epochs, at=0, value=0.0) -> Case:
    log = _log(word, lr0, step_size, gamma, batches, epochs, at, value)
    return {"log": log, "lr0": lr0, "step_size": step_size, "gamma": gamma, "batches": batches}


def _draw_culprit(rng: random.Random, **edge: Any) -> Case:
    """A log that exactly one word explains; `edge` gives inputs, or how often lr drops."""
    word = rng.choice([*CULPRITS, TWICE, PER_BATCH, BREAK, HAND, HAND])
    while True:
        # Half of them odd: there two steps an epoch are not those of half the step_size.
        step_size, batches = rng.choice([2, 3, 3, 4]), rng.randint(3, 4)
        step_size, batches = edge.get("step_size", step_size), edge.get("batches", batches)
        drops = edge.get("drops", 2)
        epochs = rng.randint(drops * step_size + 1, drops * step_size + 4)
        lr0, gamma = rng.uniform(0.11, 0.39), rng.choice([rng.uniform(0.2, 0.8), 0.1, 0.5])
        lr0, gamma = edge.get("lr0", lr0), edge.get("gamma", gamma)
        at, value = 0, 0.0
        if word == BREAK:
            if not (places := _breaks(step_size, epochs)):
                word = rng.choice(CULPRITS) if step_size == 1 else word  # nothing would be lost
                continue
            at = rng.choice(places)
        if word == HAND:
            drops = range(step_size, epochs, step_size)
            at = rng.choice([1, epochs - 1, rng.choice(drops), rng.randrange(1, epochs)])
            value = lr0 * rng.choice([rng.uniform(0.05, 0.95), rng.uniform(0.4, 2.5)])
            if _is_planned(value, lr0, gamma):
                continue
        case = _culprit_case(word, lr0, step_size, gamma, batches, epochs, at, value)
        if not any(_explains(each, **case) for each in _without(word)):
            return case


culprit = Exercise(
    id="culprit",
    lesson="detective",
    points=5,
    fresh_draws=50,  # eight words, and several ways to mistake each
    help=Help(
        idea=(
            "Be the loop: for each suspect, write the log that it would leave, and compare it with "
            "the one you have."
        ),
        step=(
            "Six suspects leave one log each. For a break, try every epoch. For a hand, take epoch "
            "and lr from the first place where log and plan part, and see whether the rest fits."
        ),
        sibling="""\
def who_ate_it(crumbs, portions, visitors):
    for visitor in visitors:
        if crumbs == [portion - visitor.bite for portion in portions]:
            return visitor.name
    return "nobody"
""",
        why=(
            "A log convicts only the suspect whose own log it is: first the prediction, then the "
            "comparison. Some suspects leave the same log, and then only the code can tell."
        ),
    ),
    reference=_culprit,
    directed=[
        _culprit_case(*case)
        for case in (
            (NONE, 0.2, 3, 0.5, 3, 7),
            (PER_BATCH, 0.2, 3, 0.5, 4, 7),
            (PER_BATCH, 0.2, 3, 0.5, 3, 7),  # at the start of each epoch, as if stepped once more
            (BEFORE, 0.2, 3, 0.5, 3, 8),
            (NEVER, 0.2, 3, 0.5, 3, 7),
            (TWICE, 0.2, 3, 0.5, 3, 7),
            (TWICE, 0.3, 2, 0.3, 3, 6),
            (LATE, 0.2, 3, 0.5, 3, 8),
            (BREAK, 0.2, 3, 0.5, 3, 9, 2),
            (BREAK, 0.2, 4, 0.3, 3, 11, 6),
            (BREAK, 0.2, 4, 0.3, 3, 10, 5),
            (HAND, 0.2, 3, 0.5, 3, 7, 1, 0.07),
            (HAND, 0.2, 3, 0.5, 3, 7, 6, 0.03),  # the last epoch
            (HAND, 0.2, 3, 0.5, 3, 8, 3, 0.15),  # in place of a drop
            (HAND, 0.2, 3, 0.5, 3, 8, 4, 0.3),
            (NONE, 0.3, 2, 0.1, 3, 6),
            (BEFORE, 0.3, 2, 0.1, 3, 6),
            (LATE, 0.3, 2, 0.1, 3, 6),
        )
    ],
    draw=_draw_culprit,
    edges=[
        {"step_size": 1},
        {"batches": 2},
        {"batches": 10},
        {"lr0": 1.0},
        {"gamma": 0.99},
        {"gamma": 0.01},
        {"drops": 10, "step_size": 2},
    ],
    misconceptions={
        "You look at the first update of each epoch only: the log has all of them.": _by_epoch,
        "You take each entry of the log for an epoch: `batches` of them are one.": _entry_is_epoch,
        "You confuse early and late: stepped before the batches, lr falls an epoch early.": (
            _swapped(BEFORE, LATE)
        ),
        "You do not look at the last epoch.": _without_last_epoch,
        "You compare the last lr only: the way to it matters.": _last_lr,
        "You count the drops: where they are matters, too.": _count_of_drops,
        "You compare floats exactly: torch's products differ from a power in the last bits.": (
            lambda **case: _culprit(**case, explains=_explains_exactly, otherwise=HAND)
        ),
        "You take every lost state for a hand: after it lr is still lr0 times a power of gamma.": (
            lambda **case: _culprit(**case, words=_without(BREAK), otherwise=HAND)
        ),
        "You never suspect a break: a fresh scheduler counts its epochs from 0 again.": (
            lambda **case: _culprit(**case, words=_without(BREAK), otherwise=NONE)
        ),
        "You try one place for the break: it can be before any epoch.": (
            _other_explanation(BREAK, _breaks_in_the_middle)
        ),
        "You let a break start over at lr0: the optimizer keeps the lr that it had.": (
            _other_explanation(BREAK, _break_starts_over)
        ),
        "You never suspect a hand.": (
            lambda **case: _culprit(**case, words=_without(HAND), otherwise=NONE)
        ),
        "You let an lr that was set by hand stay for good: later drops multiply it.": (
            _other_explanation(HAND, _hand_for_good)
        ),
        "You see a hand only where lr rises: it can lower lr, too.": (
            _other_explanation(HAND, _hand_raises)
        ),
        "You do not see a hand in an epoch in which lr falls anyway.": (
            _other_explanation(HAND, _hand_off_drops)
        ),
        "You call every difference from the plan a hand: let the other suspects speak first.": (
            lambda **case: _culprit(**case, words=(NONE,), otherwise=HAND)
        ),
        "You halve `step_size` for two steps an epoch: that is not the same where it is odd.": (
            _other_explanation(TWICE, _half_steps)
        ),
        "You assume gamma 0.1: it is given.": lambda **case: _culprit(**{**case, "gamma": 0.1}),
        "You say whether something is wrong: which of the eight words fits?": (
            _called(_culprit, lambda word: word != NONE)
        ),
        **_misspelt(_culprit),
        "You write the words with a capital: copy them from the docstring.": NearMiss(
            _called(_culprit, str.capitalize), credit=0.5
        ),
        "You find every run as planned.": lambda **case: NONE,
    },
)


# --- plateau_culprit -------------------------------------------------------------------------

TRAINING, MODE, EARLY = "training loss", "wrong mode", "early stopping"
# A run as planned comes first: a fresh scheduler that changes nothing is no culprit.
PLATEAU_CULPRITS = (NONE, EARLY, TRAINING, MODE, BREAK)


def _used(
    losses: Log,
    lr0: float,
    config: Config,
    update: Callable[..., Any] = plateau_call,
    calls_before: int = 0,
) -> Iterator[float]:
    """The lr used in each epoch, when each one ends with `scheduler.step(loss)`."""
    lrs = chain((lr0,), plateau_lrs(losses, lr0, config, update))
    return islice(lrs, calls_before, calls_before + len(losses))


def _used_with_break(
    losses: Log,
    lr0: float,
    config: Config,
    at: int,
    update: Callable[..., Any] = plateau_call,
    calls_before: int = 0,
    keeps_lr: bool = True,
    keeps_best: bool = False,
) -> Iterator[float]:
    """The same with a fresh scheduler from epoch `at` on."""

    def lrs() -> Iterator[float]:
        before = chain((lr0,), plateau_lrs(losses[:at], lr0, config, update))
        yield from islice(before, at)
        lr, best = next(before) if keeps_lr else lr0, min(losses[:at]) if keeps_best else INF
        yield lr
        yield from plateau_lrs(losses[at:], lr, config, update, best)

    return islice(lrs(), calls_before, calls_before + len(losses))


def _plateau_explains(
    word: str,
    log: Log,
    train_losses: Log,
    val_losses: Log,
    lr0: float,
    config: Config,
    epochs: int,
    places: Callable[[int], Iterable[int]] = lambda epochs: range(1, epochs),
    breaking: dict[str, bool] | None = None,
    **simulated: Any,
) -> bool:
    """Whether a loop that does what `word` says gives this log."""
    if word == BREAK:
        how = {**simulated, **(breaking or {})}
        return any(
            _same(log, _used_with_break(val_losses, lr0, config, at, **how))
            for at in places(len(log))
        )
    if word in (NONE, EARLY) and (len(log) < epochs) != (word == EARLY):
        return False
    losses = train_losses if word == TRAINING else val_losses
    settings = config | {"mode": "max"} if word == MODE else config
    return _same(log, _used(losses, lr0, settings, **simulated))


def _plateau_culprit(
    log: Log,
    train_losses: Log,
    val_losses: Log,
    lr0: float,
    config: Config,
    epochs: int,
    words: Iterable[str] = PLATEAU_CULPRITS,
    otherwise: str | None = None,
    **how: Any,
) -> str | None:
    """The first of some words that explains a log; as planned comes first."""
    case = (log, train_losses, val_losses, lr0, config, epochs)
    found = (word for word in words if _plateau_explains(word, *case, **how))
    return next(found, otherwise)


def _plateau_detective(**how: Any) -> Callable[..., str | None]:
    return lambda **case: _plateau_culprit(**case, **how)


def _losses_swapped(log, train_losses, val_losses, lr0, config, epochs):
    return _plateau_culprit(log, val_losses, train_losses, lr0, config, epochs)


def _stopped_is_none(**case):
    found = _plateau_culprit(**case)
    return NONE if found == EARLY else found


def _last_plateau_lr(log, train_losses, val_losses, lr0, config, epochs):
    """Compares nothing but the last lr."""

    def fits(word):
        last = {
            NONE: _used(val_losses, lr0, config),
            TRAINING: _used(train_losses, lr0, config),
            MODE: _used(val_losses, lr0, config | {"mode": "max"}),
        }
        return _alike(log[-1], [*last[word]][-1])

    if len(log) < epochs:
        return EARLY
    return next((word for word in (NONE, TRAINING, MODE) if fits(word)), BREAK)


def _is_ambiguous(word: str, **case: Any) -> bool:
    """Whether a word besides `word` explains a log; a break that changes nothing does not count."""
    left_out = (word, BREAK) if word in (NONE, EARLY) else (word,)
    others = (each for each in PLATEAU_CULPRITS if each not in left_out)
    return any(_plateau_explains(each, **case) for each in others)


def _losses(rng: random.Random, epochs: int, noise: float) -> list[float]:
    """Falling, then wandering about a level, as validation losses do."""
    level, fall = rng.uniform(0.1, 0.3) - noise, rng.uniform(0.3, 0.6)
    # Four digits; `round` would take longer than all else.
    exact = (level + 0.6 * fall**epoch + 2 * noise * rng.random() for epoch in range(epochs))
    return [int(1e4 * loss) / 1e4 for loss in exact]


def _plateau_case(
    word: str,
    train_losses: Log,
    val_losses: Log,
    lr0: float,
    epochs: int,
    at: int = 0,
    **config: Any,
) -> Case:
    """The log that a loop leaves which does what `word` says."""
    full = DEFAULTS | {"factor": 0.5} | config
    if word == BREAK:
        log = _used_with_break(val_losses, lr0, full, at)
    elif word == MODE:
        log = _used(val_losses, lr0, full | {"mode": "max"})
    else:
        log = _used(train_losses if word == TRAINING else val_losses, lr0, full)
    return {
        "log": list(log),
        "train_losses": list(train_losses),
        "val_losses": list(val_losses),
        "lr0": lr0,
        "config": full,
        "epochs": epochs,
    }


def _draw_plateau_culprit(rng: random.Random, **edge: Any) -> Case:
    """A log that exactly one word explains; a break that changes nothing is as planned.

    `edge` gives settings, or how many epochs ran.
    """
    word = rng.choice([*PLATEAU_CULPRITS, BREAK])
    while True:
        run = edge.get("run", rng.randint(9, 14))
        train_losses = _losses(rng, run, noise=rng.choice([0.0, 0.01]))
        val_losses = _losses(rng, run, noise=rng.choice([0.02, 0.05]))
        drawn: dict[str, Any] = dict(
            lr0=rng.uniform(0.11, 0.39),
            epochs=run + (rng.randint(1, 9) if word == EARLY else 0),
            at=rng.randint(1, run - 2),
            factor=rng.choice([0.1, 0.5, rng.uniform(0.2, 0.8)]),
            patience=rng.choice([0, 1, 1, 2]),
            threshold=rng.choice([1e-4, 0.1]),
            cooldown=rng.choice([0, 0, 1, 2]),
            min_lr=rng.choice([0.0, 0.02]),
        )
        settings = {name: value for name, value in edge.items() if name != "run"}
        case = _plateau_case(word, train_losses, val_losses, **drawn | settings)
        if not _is_ambiguous(word, **case):
            return case


VAL = (0.9, 0.5, 0.4, 0.45, 0.42, 0.41, 0.39, 0.44, 0.43, 0.42)
RISEN = (0.5, 0.6, *VAL[2:])
FALLING = (0.8, 0.6, 0.5, 0.42, 0.35, 0.3, 0.26, 0.23, 0.2, 0.18)
STALLED = (0.8, 0.5, 0.48, 0.48, 0.47, 0.47, 0.46, 0.46, 0.45, 0.45)

plateau_culprit = Exercise(
    id="plateau_culprit",
    lesson="detective",
    points=5,
    fresh_draws=40,
    help=Help(
        idea=(
            "The same trick: write the log of each suspect. `ReduceLROnPlateau` is the simulator, "
            "and the two lists of losses are its evidence."
        ),
        step=(
            "An epoch trains with the lr that the call *before* it has left. Begin with the plan; "
            "for a break, try every epoch and give a fresh scheduler the lr that was there."
        ),
        sibling="""\
def which_thermostat(heating, indoors, outdoors, simulate):
    for name, readings in (("indoors", indoors), ("outdoors", outdoors)):
        if [False, *map(simulate, readings)][: len(heating)] == heating:
            return name
    return "broken"
""",
        why=(
            "A plateau rule is a function of the metrics that it was given, so a log of lr and "
            "losses is enough to tell which metrics these were."
        ),
    ),
    reference=_plateau_culprit,
    directed=[
        _plateau_case(*case, **config)
        for case, config in (
            ((NONE, FALLING, VAL, 0.2, 10), {"patience": 1}),
            ((TRAINING, FALLING, VAL, 0.2, 10), {"patience": 1}),
            ((TRAINING, STALLED, VAL, 0.2, 10), {"patience": 1, "threshold": 0.05}),
            ((MODE, FALLING, VAL, 0.2, 10), {"patience": 1}),
            ((MODE, FALLING, VAL, 0.2, 10), {"patience": 2, "cooldown": 1}),
            ((BREAK, STALLED, VAL, 0.2, 10, 4), {"patience": 1}),
            ((BREAK, FALLING, VAL, 0.2, 10, 7), {"patience": 1, "threshold": 0.1}),
            ((BREAK, FALLING, VAL, 0.2, 10, 8), {"patience": 0}),
            ((BREAK, FALLING, RISEN, 0.2, 10, 1), {"patience": 0}),
            ((EARLY, FALLING[:7], VAL[:7], 0.2, 10), {"patience": 1}),
            ((EARLY, FALLING[:9], VAL[:9], 0.2, 10), {"patience": 0, "cooldown": 2}),
            ((NONE, FALLING, VAL, 0.2, 10), {"patience": 0, "cooldown": 2}),
            ((NONE, FALLING, VAL, 0.2, 10), {"patience": 0, "min_lr": 0.03}),
            ((NONE, FALLING, VAL, 0.2, 10), {"patience": 1, "threshold": 0.1}),
        )
    ],
    draw=_draw_plateau_culprit,
    edges=[
        {"patience": 0},
        {"threshold": 0.0},
        {"cooldown": 4},
        {"factor": 0.99},
        {"lr0": 1.0},
        {"run": 24},
    ],
    misconceptions={
        "You never suspect that the run was stopped early: compare its length with `epochs`.": (
            _stopped_is_none
        ),
        "You swap the losses: as planned, the scheduler gets the validation loss.": _losses_swapped,
        "You take the log for the lr after each call: it has the lr that each epoch used.": (
            _plateau_detective(calls_before=1)
        ),
        "You never suspect the training loss.": (
            _plateau_detective(words=(NONE, EARLY, MODE, BREAK), otherwise=NONE)
        ),
        "You never suspect the mode.": (
            _plateau_detective(words=(NONE, EARLY, TRAINING, BREAK), otherwise=NONE)
        ),
        "You never suspect a break.": (
            _plateau_detective(words=(NONE, EARLY, TRAINING, MODE), otherwise=NONE)
        ),
        "You suspect a break first: one that changes nothing leaves the log as planned.": (
            _plateau_detective(words=(BREAK, NONE, EARLY, TRAINING, MODE))
        ),
        "You try one place for the break: it can be before any epoch.": (
            _plateau_detective(places=lambda epochs: [epochs // 2])
        ),
        "You let a break start over at lr0: the optimizer keeps the lr that it had.": (
            _plateau_detective(breaking={"keeps_lr": False})
        ),
        "You let best survive the break: a fresh scheduler knows no best.": (
            _plateau_detective(breaking={"keeps_best": True})
        ),
        "Your scheduler has no cooldown.": _plateau_detective(
            update=reading(cooldown=lambda _: 0), otherwise=BREAK
        ),
        "Your scheduler ignores the threshold.": _plateau_detective(
            update=reading(threshold=lambda _: 0.0), otherwise=BREAK
        ),
        "Your lr falls one epoch early: an epoch uses the lr that was there before its call, and "
        "lr falls at more bad calls than patience.": (
            _plateau_detective(update=reading(patience=lambda p: p - 1), otherwise=BREAK)
        ),
        "Your scheduler has no `min_lr`.": _plateau_detective(
            update=reading(min_lr=lambda _: 0.0), otherwise=BREAK
        ),
        "Your scheduler compares with the loss before: it compares with the best one.": (
            _plateau_detective(update=compares_with_previous, otherwise=BREAK)
        ),
        "You compare the last lr only: the way to it matters.": _last_plateau_lr,
        "You say whether something is wrong: which of the five words fits?": (
            _called(_plateau_culprit, lambda word: word != NONE)
        ),
        **_misspelt(_plateau_culprit),
        "You find every run as planned.": lambda **case: NONE,
    },
)


# --- advice ----------------------------------------------------------------------------------

advice = Written(
    id="advice",
    lesson="detective",
    rubric=(
        Criterion(
            points=2,
            asks="names what is wrong, with the epochs and numbers of the page that show it",
            notes=(
                "lr falls right after epochs whose validation loss fell, by less than a tenth of "
                "the best one: the threshold is too large (it was 0.1). 1 point for `lr falls too "
                "early` without the losses that show it. Overfitting, or too high an lr: 0."
            ),
        ),
        Criterion(
            points=2,
            asks="says what to change first, and why that before anything else",
            notes=(
                "A smaller threshold, more patience, or no schedule at first: any of them, with "
                "the reason that lr fell before the work was done. 1 point without a reason. "
                "Several changes at once: at most 1, since nobody could tell which one helped."
            ),
        ),
        Criterion(
            points=1,
            asks="says what the next log will show if the advice is right, and what if it is wrong",
            notes="Both halves. For example: lr stays at 0.01 and the loss goes on falling.",
        ),
        Criterion(
            points=1,
            asks="says how to compare fairly",
            notes="Several seeds and their spread, on validation data; the test set not yet.",
        ),
    ),
)
