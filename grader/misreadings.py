"""Every way to misread an exercise's inputs, and what it shows on the visible cases.

A misreading changes a case before an answer gets it. It is tried with the reference and with each
named mistake; what is seen goes to checks.json as sketches, from which nobody can read the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from lrlab.checking.alike import identity
from lrlab.checking.answer import Case, Observation
from lrlab.checking.changes import DoesNotApply, applied
from lrlab.checking.codec import copied
from lrlab.checking.compare import is_number, tolerance
from lrlab.checking.naming import Parts, Reading, Readings, agreed, head, numbers, whole
from lrlab.checking.observe import to_consequence
from lrlab.checking.observers import pure
from lrlab.checking.sketch import Sketch, sketch
from lrlab.checking.watch import watch_of

from .exercise import Exercise

Path = tuple[str, ...]
Misreading = Callable[[Any], Any]
Misread = Callable[[Case], Case]
Kinds = Callable[[str, str, Sequence[Any]], Iterator[tuple[str, Misreading]]]

# What a learner has seen as a default, in torch's documentation and in the lessons.
DEFAULTS: dict[str, Any] = {
    "gamma": 0.1,
    "factor": 0.1,
    "patience": 10,
    "threshold": 1e-4,
    "lr": 0.001,
    "lr0": 0.1,
    "momentum": 0.9,
}
MOST_EXCHANGES = 15
MOST_FOR_PAIRS = 40  # More misreadings make too many pairs of them.
CAUSED_BY_THE_CHANGE = (ValueError, ArithmeticError, TypeError, LookupError)


def misreadings(
    cases: Sequence[Case], names: Mapping[str, str] | None, kinds: Kinds
) -> Iterator[tuple[str, Callable[[Case], Case]]]:
    """All misreadings of some cases: (clause, change of a case).

    Args:
        cases: the visible cases; their values say what kind an input is of.
        names: the inputs that may be misread, with what people call them; None is all of them.
        kinds: which misreadings of one input.
    """
    inputs = {
        path: values
        for path, values in _inputs(cases).items()
        if names is None or path[-1] in names or path[0] in names
    }

    def named(path: Path) -> str:
        return (names or {}).get(path[-1], path[-1])

    for path, values in inputs.items():
        for clause, change in kinds(named(path), path[-1], values):
            yield clause, _at(path, change)
    if kinds is _numbers_seldom:
        return
    for one, other in list(_exchangeable(inputs))[:MOST_EXCHANGES]:
        yield f"you exchange {named(one)} and {named(other)}", _exchange(one, other)


def observed_readings(exercise: Exercise) -> Readings:
    """What the misreadings of an exercise show on its visible cases."""
    if exercise.inputs is None and watch_of(exercise.id).observe is not pure:
        return Readings()  # Its cases describe objects, which nobody reads.
    return _Observing(exercise).readings()


class _Observing:
    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.cases = exercise.visible_cases
        self.tolerances = [
            tolerance(case, exercise.abs_tol, exercise.relative_to) for case in self.cases
        ]
        self.known: dict[Sketch, list[Parts]] = {}
        self.taken: set[Sketch] = set()
        self.seen: dict[tuple[Any, str], Observation] = {}

    def readings(self) -> Readings:
        """One part first, so that what needs no second part never gets one."""
        expected = [identity(each) for each in self.exercise.expected(self.cases)]
        mistakes = self.exercise.known_mistakes(self.cases)
        words: dict[Sketch, str] = {}
        for known in mistakes:
            if (found := self._sketch(list(known.observed))) is not None:
                words[found] = head(known.sentence)
        if (right := self._sketch(expected)) is not None:
            self.taken = {right, *words}
        other_words: dict[str, str] = {}
        for clause, change in (*whole(), *numbers()):
            found = self._sketch(_changed(expected, change))
            if found is not None and found != right:
                other_words[clause] = words.setdefault(found, clause)
        other_words = {mine: theirs for mine, theirs in other_words.items() if mine != theirs}
        single: dict[str, Misread] = {}
        often = dict(misreadings(self.cases, self.exercise.inputs, _of_one))
        seldom = dict(misreadings(self.cases, self.exercise.inputs, _numbers_seldom))
        for clause, misread in {**often, **seldom}.items():
            cases = self._misread(misread, self.cases)
            if seen := self._observe(self.exercise.reference, cases):
                found = self._sketch(seen)
                if found is None or found == right:
                    continue
                first = words.setdefault(found, clause)
                if first == clause:
                    self._note((clause,), found)
                    self.taken.add(found)
                if clause in often:
                    single.setdefault(first, misread)
        self._two_parts(single, other_words)
        heads = {head(known.sentence) for known in mistakes}
        agreeing = [
            Reading(parts, found)
            for found, all_parts in self.known.items()
            if (parts := agreed(all_parts, heads))
        ]
        return Readings(agreeing, other_words)

    def _two_parts(self, single: Mapping[str, Misread], other_words: Mapping[str, str]) -> None:
        misread = {clause: self._misread(change, self.cases) for clause, change in single.items()}
        for sentence, wrong in self.exercise.wrong_answers():
            for clause, cases in misread.items():
                if clause != head(sentence):
                    self._note((head(sentence), clause), self._sketch(self._observe(wrong, cases)))
        self.taken |= set(self.known)  # What a named mistake explains needs no two changes.
        changes = [(other_words.get(clause, clause), change) for clause, change in self._changes()]
        for clause, cases in misread.items():
            seen = self._observe(self.exercise.reference, cases)
            for words, change in changes:
                if words != clause:
                    self._note((clause, words), self._sketch(_changed(seen, change)))
        if len(single) > MOST_FOR_PAIRS:
            return
        for one, other in combinations(single, 2):
            cases = self._misread(single[other], misread[one])
            self._note((one, other), self._sketch(self._observe(self.exercise.reference, cases)))

    def _changes(self) -> Iterator[tuple[str, Callable[[Any], Any]]]:
        value = self.exercise.expected(self.cases[:1])[0].get("value")
        for clause, change in (*whole(), *numbers()):
            try:
                applied(change, value)
            except DoesNotApply:
                continue
            yield clause, change

    def _note(self, parts: Parts, found: Sketch | None) -> None:
        """Keep an explanation, unless a shorter one or nothing wrong at all shows the same."""
        if found is not None and found not in self.taken:
            self.known.setdefault(found, []).append(parts)

    def _misread(self, misread: Misread, cases: Sequence[Case]) -> list[Case]:
        """The changed cases; none where the change makes no sense for one."""
        try:
            return [misread(copied(case)) for case in cases]
        except CAUSED_BY_THE_CHANGE:
            return []

    def _observe(self, answer: Any, cases: Sequence[Case]) -> list[Observation]:
        """What an answer shows that was given other cases; nothing where it fails on one."""
        seen = []
        for case, misread in zip(self.cases, cases):
            observed = self._observe_once(answer, misread)
            found = identity(to_consequence(self.exercise.id, case, observed))
            if "value" not in found and "consequence" not in found:
                return []
            seen.append(found)
        return seen

    def _observe_once(self, answer: Any, case: Case) -> Observation:
        """What an answer shows on a case: many misreadings make the same case of another one."""
        key = answer, repr(case)
        if key not in self.seen:
            (self.seen[key],) = self.exercise.observe(answer, [case])
        return self.seen[key]

    def _sketch(self, seen: Sequence[Observation]) -> Sketch | None:
        return sketch(seen, self.tolerances) if seen else None


def _changed(seen: Sequence[Observation], change: Callable[[Any], Any]) -> list[Observation]:
    try:
        return [{**each, "value": applied(change, each["value"])} for each in seen]
    except (DoesNotApply, KeyError):
        return []


def _inputs(cases: Sequence[Case]) -> dict[Path, list[Any]]:
    """Every input, and every entry of an input that is a dict with names, with its values."""
    found: dict[Path, list[Any]] = {}
    for case in cases:
        for name, value in case.items():
            if isinstance(value, dict) and value and all(isinstance(key, str) for key in value):
                for key, entry in value.items():
                    found.setdefault((name, key), []).append(entry)
            else:
                found.setdefault((name,), []).append(value)
    return {path: values for path, values in found.items() if len(values) == len(cases)}


def _of_one(name: str, key: str, values: Sequence[Any]) -> Iterator[tuple[str, Misreading]]:
    if all(isinstance(value, bool) for value in values):
        yield f"you turn {name} around", lambda x: not x
        yield f"you always take {name} as True", lambda x: True
        yield f"you always take {name} as False", lambda x: False
    elif all(is_number(value) for value in values):
        yield from _of_a_number(name, key, values)
    elif all(isinstance(value, str) for value in values):
        words = sorted(set(values))
        for word in words:
            yield f'you treat every {name} as "{word}"', _always(word)
        if len(words) == 2:
            there = dict(zip(words, reversed(words)))
            yield f'you exchange {name} "{words[0]}" and "{words[1]}"', lambda x: there[x]
    elif all(isinstance(value, list) for value in values):
        yield from _of_a_list(name)
    elif all(isinstance(value, dict) for value in values):
        yield f"you ignore {name}", lambda x: {}
        yield f"you use only the first of {name}", lambda x: dict(sorted(x.items())[:1])
        yield f"you use only the last of {name}", lambda x: dict(sorted(x.items())[-1:])
        yield f"you use {name} one too late", lambda x: {k + 1: v for k, v in x.items()}
        yield f"you use {name} one too early", lambda x: {k - 1: v for k, v in x.items()}


def _always(value: Any) -> Misreading:
    return lambda _: value


def _of_a_number(name: str, key: str, values: Sequence[Any]) -> Iterator[tuple[str, Misreading]]:
    whole_numbers = all(isinstance(value, int) for value in values)
    yield f"yours is what {name} = 0 gives", lambda x: 0 if whole_numbers else 0.0
    yield f"yours is what {name} = 1 gives", lambda x: 1 if whole_numbers else 1.0
    if key in DEFAULTS:
        default = DEFAULTS[key]
        yield f"you use {default:g} for every {name}", lambda x: default
    if whole_numbers:
        yield f"you take {name} + 1 for {name}", lambda x: x + 1
        yield f"you take {name} − 1 for {name}", lambda x: x - 1
    elif all(0 <= value <= 1 for value in values):
        yield f"you take 1 − {name} for {name}", lambda x: 1 - x
    if any(value < 0 for value in values):
        yield f"you lose the sign of {name}", abs
        yield f"you turn the sign of {name} around", lambda x: -x


def _seldom(name: str, _key: str, values: Sequence[Any]) -> Iterator[tuple[str, Misreading]]:
    """Misreadings of a number that are not tried together with another mistake."""
    yield f"you take twice {name} for {name}", lambda x: 2 * x
    yield f"you square {name}", lambda x: x * x
    if all(isinstance(value, int) for value in values):
        yield f"you take {name} + 2 for {name}", lambda x: x + 2
        yield f"you take {name} − 2 for {name}", lambda x: x - 2
        yield f"you take half of {name} for {name}", lambda x: x // 2
        return
    yield f"you take half of {name} for {name}", lambda x: x / 2
    yield f"you take 1/{name} for {name}", lambda x: 1 / x
    yield f"you take the square root of {name} for {name}", math.sqrt
    if all(value > 0 for value in values):
        yield f"you take the logarithm of {name} for {name}", math.log


def _numbers_seldom(name: str, key: str, values: Sequence[Any]) -> Iterator[tuple[str, Misreading]]:
    return _seldom(name, key, values) if all(map(is_number, values)) else iter(())


def _of_a_list(name: str) -> Iterator[tuple[str, Misreading]]:
    yield f"you go through {name} backwards", lambda x: x[::-1]
    yield f"you sort {name} first", sorted
    yield f"you leave out the first of {name}", lambda x: x[1:]
    yield f"you leave out the last of {name}", lambda x: x[:-1]
    yield f"you use only the first of {name}", lambda x: x[:1]
    yield f"you use only the last of {name}", lambda x: x[-1:]
    yield f"you take all of {name} as if they were like the first", lambda x: [x[0]] * len(x)
    yield f"you take every one of {name} as 1", lambda x: [1] * len(x)


def _exchangeable(inputs: Mapping[Path, Sequence[Any]]) -> Iterator[tuple[Path, Path]]:
    for one, other in combinations(inputs, 2):
        if one[:-1] != other[:-1]:
            continue
        if all(map(is_number, (*inputs[one], *inputs[other]))):
            yield one, other


def _at(path: Path, change: Misreading) -> Callable[[Case], Case]:
    def misread(case: Case) -> Case:
        inner = case
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = change(inner[path[-1]])
        return case

    return misread


def _exchange(one: Path, other: Path) -> Callable[[Case], Case]:
    def misread(case: Case) -> Case:
        inner = case
        for key in one[:-1]:
            inner = inner[key]
        inner[one[-1]], inner[other[-1]] = inner[other[-1]], inner[one[-1]]
        return case

    return misread
