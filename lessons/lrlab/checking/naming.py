"""Name a mistake that is none of the catalogue's: as a change of the right answer, or as two.

got(case) = after(base(before(case))), where `base` is the reference or a named mistake, `before` a
way to misread the inputs, `after` a generic change of the result. What only changes the result is
computed here, from what checks.json says about the base. What misreads an input needs the base's
code, so it was observed when the lesson was built, and stands there as sketches.

An explanation has one part or two. The one with fewer parts wins; where explanations of two parts
disagree, only what they share is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .alike import differs, identity
from .answer import Case, Observation
from .calls import explain_calls
from .changes import Change, DoesNotApply, applied, number_changes, whole_changes
from .codec import Other
from .compare import Difference, difference
from .groups import only_key, wrong_group
from .messages import none_where_not_expected, show
from .sketch import Sketch, alike, sketch

# So many cases must differ from the right answer: fewer may fit an explanation by chance.
CASES_FOR_ONE_PART = 2
CASES_FOR_TWO_PARTS = 6
CASES_FOR_NEARLY = 10
CASES_FOR_CONSTANT = 3  # So many must have right answers of their own.
NEARLY = 0.9
ROUNDED = "you round"  # What is said about any number of places begins so.
SOMETHING_ELSE = "something else is wrong, too"

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What an explanation shows on the visible cases: its parts, in words, and the sketch."""

    parts: Parts
    sketch: Sketch


@dataclass(frozen=True)
class Readings:
    """What was observed for an exercise when its lesson was built.

    Attributes:
        known: explanations that need the code of the exercise
        other_words: a generic change's words → how this exercise says the same
    """

    known: Sequence[Reading] = ()
    other_words: dict[str, str] = field(default_factory=dict)

    def dumped(self) -> dict[str, Any]:
        """The same as data for checks.json, each explanation in a line of a few characters."""
        words = list(dict.fromkeys(part for each in self.known for part in each.parts))
        number = {part: str(n) for n, part in enumerate(words)}
        known = [
            " ".join((each.sketch[0], f"{each.sketch[1]!r}", *map(number.__getitem__, each.parts)))
            for each in self.known
        ]
        return {"other_words": self.other_words, "words": words, "known": known}

    @classmethod
    def loaded(cls, data: dict[str, Any]) -> Readings:
        """What `dumped` gave; nothing where a lesson was built without."""
        words = data.get("words", [])
        known = []
        for line in data.get("known", ()):
            digest, total, *parts = line.split()
            known.append(Reading(tuple(words[int(n)] for n in parts), (digest, float(total))))
        return cls(known, data.get("other_words", {}))


@dataclass(frozen=True)
class Shown:
    """What is known about the visible cases.

    Attributes:
        cases: their inputs
        expected: the observations of the reference
        mistakes: sentence and observations of each named mistake
        readings: what else was observed
        tolerances: for each case, the absolute tolerance
    """

    cases: Sequence[Case]
    expected: Sequence[Observation]
    mistakes: Sequence[tuple[str, Sequence[Observation]]]
    readings: Readings
    tolerances: Sequence[float]


@cache
def whole() -> tuple[tuple[str, Change], ...]:
    """The changes of shape, order and kind."""
    return tuple(whole_changes())


@cache
def numbers() -> tuple[tuple[str, Change], ...]:
    """The changes of every number."""
    return tuple(number_changes())


def explain(shown: Shown, seen: Sequence[Observation]) -> str:
    """A sentence that explains what was seen on the visible cases; empty if there is none."""
    if not all("value" in each or "consequence" in each for each in seen):
        return ""
    if any(none_where_not_expected(*pair) for pair in zip(shown.expected, seen, strict=True)):
        return ""  # A `return` is missing: no other explanation is as likely.
    trial = _Trial(shown, seen)
    if len(trial.wrong) < CASES_FOR_ONE_PART:
        return ""
    constant = trial.constant()
    if constant and trial.is_single:  # Some rounding or misreading gives the same by chance.
        return constant
    if change := trial.one_change():
        return sentence(change)
    if misread := next(trial.read(1), ()):
        return sentence(*misread)
    if calls := trial.calls():
        return sentence(calls)
    if constant:
        return constant
    if len(trial.wrong) >= CASES_FOR_TWO_PARTS and trial.is_data:
        for found in (trial.mistakes_changed(), trial.changed_twice()):
            if parts := agreed(list(found), trial.heads):
                return sentence(*parts)
    if nearly := trial.nearly():
        return nearly
    if key := only_key(shown.expected, seen, shown.cases):
        return sentence(key)
    group = wrong_group(shown.cases, set(trial.wrong))
    return f"Right, but not where {group}." if group else ""


def sentence(*parts: str) -> str:
    """The parts as one sentence.

    Example:
        >>> sentence("you drop one epoch early", "you take 1 − gamma for gamma")
        'You drop one epoch early, and you take 1 − gamma for gamma.'
    """
    text = ", and ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def head(known: str) -> str:
    """The part of a sentence that says what is wrong, so that another can follow.

    Example:
        >>> head("You drop one epoch late: epoch step_size is already reduced.")
        'you drop one epoch late'
    """
    for end in (": ", ". ", "; ", "? "):
        known = known.partition(end)[0]
    known = known.rstrip(".?")
    if known.startswith("One entry"):
        return f"there is {known[:1].lower()}{known[1:]}"
    return known[:1].lower() + known[1:]


def agreed(found: Sequence[Parts], heads: Set[str]) -> Parts:
    """The parts of an explanation; of several that show the same, what they share, or nothing.

    Those that consist of named mistakes come first: these are the likely ones.

    Args:
        found: explanations with one part or two.
        heads: what the named mistakes say.

    Example:
        >>> agreed([("you drop late", "you round"), ("you drop late", "you sort")], set())
        ('you drop late', 'something else is wrong, too')
    """
    if not found:
        return ()
    if min(map(len, found)) == 1:
        return next(parts for parts in found if len(parts) == 1)
    named = max(sum(part in heads for part in parts) for parts in found)
    likely = [parts for parts in found if sum(part in heads for part in parts) == named]
    different = {frozenset(parts): parts for parts in likely}
    if len(different) == 1:
        return likely[0]
    common = frozenset.intersection(*different)
    if len(common) != 1:
        return ()
    rest = {part for parts in different for part in parts - common}
    rounded = all(part.startswith(ROUNDED) for part in rest)
    return (*common, ROUNDED if rounded else SOMETHING_ELSE)


class _Trial:
    """One answer, tried against every explanation."""

    def __init__(self, shown: Shown, seen: Sequence[Observation]) -> None:
        self.shown, self.seen = shown, seen
        self._sketch = sketch([identity(each) for each in seen], shown.tolerances)
        pairs = enumerate(zip(shown.expected, seen, shown.tolerances, strict=True))
        self.wrong = [n for n, (right, mine, tol) in pairs if differs(right, mine, tol)]
        right = [n for n in range(len(seen)) if n not in set(self.wrong)]
        self.heads = {head(known) for known, _ in shown.mistakes}
        self._order = [*self.wrong, *right]  # what is wrong decides soonest

    @property
    def is_data(self) -> bool:
        """Whether numbers or lists are seen, in which two mistakes do not look alike by chance."""
        return not any(
            len(each) == 1 and isinstance(each.get("value"), (bool, str)) for each in self.seen
        )

    @property
    def is_words(self) -> bool:
        """Whether words are seen where words are expected."""
        return all(isinstance(e.get("value"), str) for e in (*self.shown.expected, *self.seen))

    @property
    def is_single(self) -> bool:
        """Whether each result is one number or one word."""
        return all(isinstance(e.get("value"), (int, float, str)) for e in self.seen)

    def one_change(self) -> str:
        """The first single change of the right answer's result that shows all of this."""
        for words, change in self._changes_of(self.shown.expected):
            if self._fits(self.shown.expected, change):
                return self._words(words)
        return self._length(self.shown.expected)

    def read(self, parts: int) -> Iterator[Parts]:
        """The explanations of so many parts that were observed when the lesson was built."""
        if self._sketch is None:
            return
        for reading in self.shown.readings.known:
            if len(reading.parts) == parts and alike(reading.sketch, self._sketch):
                yield reading.parts

    def mistakes_changed(self) -> Iterator[Parts]:
        """A named mistake and one change of its result, or one misreading."""
        for known, observed in self.shown.mistakes:
            for words, change in self._changes_of(observed):
                if self._fits(observed, change) and self._words(words) != head(known):
                    yield head(known), self._words(words)
            if length := self._length(observed):
                yield head(known), length
        yield from (parts for parts in self.read(2) if parts[0] in self.heads)

    def changed_twice(self) -> Iterator[Parts]:
        """Two changes of the right answer: of its shape, then of its numbers."""
        for words, change in whole():
            if not self._applies(change):
                continue
            for more, further in numbers():
                if self._fits(self.shown.expected, change, further):
                    yield self._words(words), self._words(more)
        yield from (parts for parts in self.read(2) if parts[0] not in self.heads)

    def calls(self) -> str:
        """The edit that explains the order of calls, where an exercise is about that."""
        if not all("events" in each for each in (*self.shown.expected, *self.seen)):
            return ""
        sides = ([each["events"] for each in side] for side in (self.shown.expected, self.seen))
        return explain_calls(*sides)

    def constant(self) -> str:
        """What is said where the result never changes, though nearly every case has its own."""
        values = [each.get("value") for each in self.seen]
        if not (self.is_data or self.is_words) or isinstance(values[0], (Other, type(None))):
            return ""
        if any(difference(values[0], each) for each in values):
            return ""
        different = {repr(each.get("value")) for each in self.shown.expected}
        if len(different) < CASES_FOR_CONSTANT:
            return ""
        return f"Your result is {show(values[0])} in every case: it has to follow from the inputs."

    def nearly(self) -> str:
        """A named mistake that fits nearly all cases: never where answers are True or False."""
        count = len(self.seen)
        if count < CASES_FOR_NEARLY or not self.is_data:
            return ""
        for known, observed in self.shown.mistakes:
            fitting = [n for n in range(count) if not self._differs(observed[n], n)]
            telling = set(fitting) & set(self.wrong)
            others = {*range(count)} - {*fitting}
            if not others <= {*self.wrong}:  # What is right elsewhere is another mistake.
                continue
            if len(fitting) >= NEARLY * count and len(telling) >= CASES_FOR_ONE_PART:
                cases = "one case" if len(others) == 1 else f"{len(others)} cases"
                return f"Nearly always {head(known)}; in {cases} something else is wrong."
        return ""

    def _length(self, base: Sequence[Observation]) -> str:
        """What to say where each list is right as far as it goes, but too long, or too short."""
        more, longest = set(), 0
        for n in self._order:
            right, mine = base[n].get("value"), self.seen[n].get("value")
            if not (isinstance(right, list) and isinstance(mine, list)):
                return ""
            more.add(len(mine) - len(right))
            common = min(len(mine), len(right))
            longest = max(longest, common)
            one = {**base[n], "value": right[:common]}
            other = {**self.seen[n], "value": mine[:common]}
            if differs(one, other, self.shown.tolerances[n]):
                return ""
        if len(more) != 1 or more == {0} or not longest:
            return ""
        count = more.pop()
        entries = "1 entry" if abs(count) == 1 else f"{abs(count)} entries"
        return f"your list is {entries} too {'long' if count > 0 else 'short'} at its end"

    def _words(self, words: str) -> str:
        return self.shown.readings.other_words.get(words, words)

    def _applies(self, change: Change) -> bool:
        value = self.shown.expected[self._order[0]].get("value")
        try:
            applied(change, value)
        except DoesNotApply:
            return False
        return True

    def _fits(self, base: Sequence[Observation], *changes: Change) -> bool:
        """Whether the changed base shows what was seen, on every case."""
        for n in self._order:
            if "value" not in base[n]:
                return False
            value = base[n]["value"]
            try:
                for change in changes:
                    value = applied(change, value)
            except DoesNotApply:
                return False
            if self._differs({**base[n], "value": value}, n):
                return False
        return True

    def _changes_of(self, base: Sequence[Observation]) -> Iterator[tuple[str, Change]]:
        yield from whole()
        yield from (each for each in numbers() if self._may_fit(base, each[1]))

    def _may_fit(self, base: Sequence[Observation], change: Change) -> bool:
        """Whether a change of every number fits the ends of the first list that is wrong.

        It is quick, and most changes fail here.
        """
        n = self._order[0]
        theirs, mine = base[n].get("value"), self.seen[n].get("value")
        if not (isinstance(theirs, list) and isinstance(mine, list)):
            return True
        if len(theirs) != len(mine):
            return False
        try:
            ends = [(applied(change, theirs[at]), mine[at]) for at in (0, -1) if theirs]
        except DoesNotApply:
            return False
        tolerance = self.shown.tolerances[n]
        return all(difference(one, other, tolerance) is None for one, other in ends)

    def _differs(self, base: Observation, n: int) -> Difference | None:
        return differs(base, self.seen[n], self.shown.tolerances[n])
