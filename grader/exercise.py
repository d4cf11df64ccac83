"""An exercise is a right answer, a set of named wrong answers, and a way to observe any answer."""

from __future__ import annotations

import hashlib
import random
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import chain, cycle, islice, tee
from typing import Any

from lrlab.checking import codec
from lrlab.checking.alike import identity
from lrlab.checking.answer import Answer, Answers, Case, Observation
from lrlab.checking.compare import tolerance
from lrlab.checking.help import Help
from lrlab.checking.judge import Misconception, Verdict, judge
from lrlab.checking.naming import Readings
from lrlab.checking.observe import observe, to_consequence
from lrlab.checking.trace import Trace
from lrlab.checking.watch import watch_of

from . import paths

VISIBLE_DRAWS = 4
MOST_TRIES = 10  # So often a case is drawn anew, at most, for each that must not be visible.
DIGITS = 9
FINGERPRINT_CHARS = 16

Edge = Callable[[random.Random, Case], Case] | Mapping[str, Any]


@dataclass(frozen=True)
class NearMiss:
    """A wrong answer that still earns `credit`, a fraction of the points."""

    answer: Answers
    credit: float


@dataclass(frozen=True)
class Exercise:
    """One exercise: the truth, and every known way to miss it.

    Attributes:
        id: grade_id of the graded cell; the learner's function has the same name.
        lesson: folder name of the lesson.
        points: what a right answer earns.
        reference: the right answer (a tuple where the exercise asks for several functions).
        directed: hand-picked cases, the docstring's example first. The learner sees them; together
            they tell every misconception from the reference and from every other misconception.
        draw: makes one random case; the grader draws fresh ones from a secret seed.
        misconceptions: sentence → wrong answer, or NearMiss where part of the points is earned.
        abs_tol: absolute tolerance relative to a case's largest input, for exercises that subtract.
        relative_to: the input that abs_tol is relative to instead, where a larger one is a count.
        help: what a learner who is stuck gets to read, and why a right answer is right.
        fresh_draws: how many random cases a submission is graded on; fewer where one takes long. As
            many are added at edges, so this is half of all.
        edges: changes of a random case to one at an edge: 0, 1, one entry, equal ones, a limit and
            beside it, a long run; or keywords for `draw`, where it changes all of a case. They make
            up half of the cases that a submission is graded on, whatever mistakes they may show.
        built_on: for each earlier exercise whose answer this one may call, a function that takes
            another answer to it and gives the reference as it is with that in its place.
        inputs: the inputs that may be misread, with what people call them; all inputs of a pure
            function, by their own names, where it is not given.
    """

    id: str
    lesson: str
    points: int
    reference: Answers
    directed: Sequence[Case]
    draw: Callable[..., Case]
    misconceptions: dict[str, Answers | NearMiss]
    abs_tol: float = 0.0
    relative_to: str = ""
    help: Help = field(default_factory=Help)
    fresh_draws: int = 16
    inputs: Mapping[str, str] | None = None
    edges: Sequence[Edge] = ()
    built_on: Mapping[str, Callable[[Answer], Answer]] = field(default_factory=dict)

    @cached_property
    def visible_cases(self) -> list[Case]:
        """The cases that a learner's `check` uses: the directed ones and a few random ones."""
        return [*self.directed, *self.draws(f"visible {self.id}", VISIBLE_DRAWS)]

    @cached_property
    def _expected_on_visible(self) -> list[Observation]:
        return self.expected(self.visible_cases)

    @cached_property
    def _mistakes_on_visible(self) -> dict[str, Iterator[Observation]]:
        """By sentence; a copy of a `tee` begins at its first observation, and all are kept."""
        return {
            sentence: tee(self._observe_lazily(_answer(wrong), self.visible_cases), 1)[0]
            for sentence, wrong in self.misconceptions.items()
        }

    def wrong_answers(self) -> list[tuple[str, Answers]]:
        """Each misconception's sentence and answer."""
        return [(sentence, _answer(wrong)) for sentence, wrong in self.misconceptions.items()]

    def hidden_cases(self, seed: str) -> list[Case]:
        """The cases that nobody has seen before, drawn from a secret seed: half are at edges.

        What `check` shows is left out, so no table of it answers any of them.
        """
        drawn = self.draws(f"{seed} {self.id}", self.fresh_draws)
        unseen = [case for case in drawn if case not in self.visible_cases]
        return [*unseen, *islice(self._at_edges(seed), max(len(unseen), len(self.edges)))]

    def _at_edges(self, seed: str) -> Iterator[Case]:
        """Cases at one edge after the other, again and again; fewer where most are visible ones."""
        rng = random.Random(f"edges {seed} {self.id}")
        for edge in islice(cycle(self.edges), MOST_TRIES * self.fresh_draws):
            case = self._at_edge(edge, rng)
            if case not in self.visible_cases:
                yield case

    def _at_edge(self, edge: Edge, rng: random.Random) -> Case:
        """One case at an edge."""
        if isinstance(edge, Mapping):
            return self.draw(rng, **edge)
        drawn = self.draw(rng)
        return {**drawn, **edge(rng, drawn)}

    def draws(self, seed: str, count: int) -> list[Case]:
        """`count` random cases, the same for the same seed."""
        rng = random.Random(seed)
        return [self.draw(rng) for _ in range(count)]

    def observe(self, answer: Answers, cases: Sequence[Case]) -> list[Observation]:
        """Observe `answer` on each case, as `judge` wants to have it."""
        return [self._observe(answer, case) for case in cases]

    def _observe(self, answer: Answers, case: Case) -> Observation:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Many misconceptions warn; no verdict depends on it.
            return observe(self.id, answer, case)

    def _observe_lazily(self, answer: Answers, cases: Sequence[Case]) -> Iterator[Observation]:
        """Observe case by case, with the consequences, only as far as someone looks."""
        return (to_consequence(self.id, case, self._observe(answer, case)) for case in cases)

    def expected(self, cases: Sequence[Case]) -> list[Observation]:
        """Observe the reference on each case."""
        return list(self._observe_lazily(self.reference, cases))

    def known_mistakes(self, cases: Sequence[Case]) -> list[Misconception]:
        """Observe each misconception on each case."""
        return [replace(known, observed=list(known.observed)) for known in self._mistakes(cases)]

    def _mistakes(self, cases: Sequence[Case]) -> Iterator[Misconception]:
        """Observe each misconception lazily: most part from an answer on the first cases."""
        new = cases[self._visible_among(cases) :]
        for sentence, wrong in self.misconceptions.items():
            credit = wrong.credit if isinstance(wrong, NearMiss) else 0.0
            on_new = self._observe_lazily(_answer(wrong), new)
            known = copy(self._mistakes_on_visible[sentence]) if len(new) < len(cases) else ()
            # Learners get to read what is compiled; `identity` leaves the code that raised out.
            yield Misconception(sentence, credit, map(identity, chain(known, on_new)))

    def _visible_among(self, cases: Sequence[Case]) -> int:
        """How many of `cases` are the visible ones, which come first: all of them or none."""
        visible = self.visible_cases
        return len(visible) if cases[: len(visible)] == visible else 0

    def judge(self, cases: Sequence[Case], observed: Sequence[Observation]) -> Verdict:
        """Compare observations of an answer, made on `cases`, with the truth.

        Where the visible cases come first among them, these alone name a mistake.
        """
        seen = [to_consequence(self.id, *pair) for pair in zip(cases, observed, strict=True)]
        visible = self._visible_among(cases)
        known = self._expected_on_visible[:visible]
        expected = chain(known, self._observe_lazily(self.reference, cases[len(known) :]))
        readings = released_readings(self.lesson).get(self.id) if visible else None
        return judge(
            cases,
            expected,
            self._mistakes(cases),
            seen,
            self.abs_tol,
            self.relative_to,
            readings,
            visible or None,
            watch_of(self.id).along,
        )

    def trace(self, verdict: Verdict, observed: Sequence[Observation]) -> Trace | None:
        """The learner's curve beside the expected one, if the verdict is about a visible case.

        Args:
            verdict: what `judge` said of these observations.
            observed: one for each case, the visible ones first.
        """
        places = (n for n, case in enumerate(self.visible_cases) if case is verdict.case)
        number = next(places, None)
        if number is None or verdict.case is None or verdict.difference is None:
            return None
        seen = to_consequence(self.id, verdict.case, observed[number])
        abs_tol = tolerance(verdict.case, self.abs_tol, self.relative_to)
        expected = self._expected_on_visible[number]
        return watch_of(self.id).curves.trace(expected, seen, verdict.difference, abs_tol)

    def fingerprint(self, observed: Sequence[Observation]) -> str:
        """The same for all answers that show the same on the visible cases, up to rounding."""
        pairs = zip(self.visible_cases, observed)
        seen = [_rounded(identity(to_consequence(self.id, *pair))) for pair in pairs]
        return hashlib.sha256(codec.dumps(seen).encode()).hexdigest()[:FINGERPRINT_CHARS]


def _rounded(value: Any) -> Any:
    """Plain data with fewer digits, so that the last bits part no answers that are alike."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return value


@cache
def released_readings(lesson: str) -> dict[str, Readings]:
    """By exercise, what learners have of it in the lesson's checks.json: it takes long to observe.

    So the same mistake has the same name at home and when it is graded.
    """
    path = paths.checks(lesson)
    data = codec.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: Readings.loaded(each.get("readings", {})) for name, each in data.items()}


def _answer(wrong: Answers | NearMiss) -> Answers:
    return wrong.answer if isinstance(wrong, NearMiss) else wrong
