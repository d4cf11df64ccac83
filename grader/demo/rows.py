"""The two kinds of row that the example class is made of: answers, and what was handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Body = str | tuple[str, ...]

SOLUTION = "right"  # the word for the answer in solutions/
UNTOUCHED = "-"  # the word for a cell that the learner left as it was


@dataclass(frozen=True)
class Answers:
    """What the class wrote for one exercise: a word → what stands below the docstring.

    An exercise that asks for several functions has a tuple of bodies, one for each. A word names
    one answer of its exercise, so it stands in one of the three tables only.

    Attributes:
        right: right answers, written in another way than in solutions/.
        mistakes: wrong answers that a sentence of grader/exercises names; some earn a part.
        unnamed: wrong answers that no sentence names.
    """

    right: Mapping[str, Body] = field(default_factory=dict)
    mistakes: Mapping[str, Body] = field(default_factory=dict)
    unnamed: Mapping[str, Body] = field(default_factory=dict)

    def body(self, word: str) -> Body:
        """The answer that a word names. Raises KeyError when nobody wrote such an answer."""
        return {**self.right, **self.mistakes, **self.unnamed}[word]


@dataclass(frozen=True)
class HandIn:
    """What one learner handed in of one lesson. `HandIn()` is the lesson, solved.

    Attributes:
        answers: exercise → the word for its answer; "right" and "-" are always words.
        others: the word for every exercise that `answers` does not name.
        own_cells: exercise → a cell of the learner's own, which stands before its answer.
        words: question → the learner's written answer, which a person has to grade.
        file: what is odd about the file, one of `write.FILES`.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    others: str = SOLUTION
    own_cells: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    file: str = "notebook"
