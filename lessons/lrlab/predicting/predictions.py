"""What can be predicted: the predictions.toml of each lesson, read and looked over.

The answers stand in that file and not in the notebook, whose cells the learner reads first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ..folders import LESSONS

FILE = "predictions.toml"


class BadPrediction(ValueError):
    """An entry of predictions.toml that no learner could answer."""


@dataclass(frozen=True)
class Prediction:
    """One question. What `answer` is says how it is asked.

    Attributes:
        id: its table in predictions.toml.
        answer: a text, one of the choices; a list of texts, those of the choices that are right
            (the learner may tick several); a number; a table of numbers, each under its label; or
            a list of numbers, one for each x, each one of the levels: a curve that is drawn.
        choices: the texts to choose from.
        within: how far off a number may be and still be called right; for a curve, how many levels.
        unit: is shown after a number.
        x: what a curve runs over, such as "epoch": its points are numbered from `first`.
        y: what its levels are, such as "lr".
        levels: the values that a curve can have, the highest first, drawn at equal distances.
        first: the number of the curve's first point.
    """

    id: str
    answer: Any
    choices: list[str] = field(default_factory=list)
    within: float = 0
    unit: str = ""
    x: str = "epoch"
    y: str = "lr"
    levels: list[float] = field(default_factory=list)
    first: int = 0

    @property
    def kind(self) -> str:
        """One of choice, choices, numbers, curve."""
        if isinstance(self.answer, str):
            return "choice"
        if not isinstance(self.answer, list):
            return "numbers"
        return "curve" if self.levels else "choices"

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers that are asked for, by label."""
        return self.answer if isinstance(self.answer, dict) else {"Your number": self.answer}

    @property
    def asked(self) -> str:
        """What there is to say, in words, for where nothing can be pressed."""
        if self.kind in ("choice", "choices"):
            return " · ".join(self.choices)
        if self.kind == "numbers":
            return (
                "a number" if self.numbers.keys() == {"Your number"} else " · ".join(self.numbers)
            )
        last = self.first + len(self.answer) - 1
        return f"{self.y} for each {self.x} from {self.first} to {last}"

    def page_data(self) -> dict[str, Any]:
        """What page.js needs to know."""
        data = asdict(self) | {"kind": self.kind}
        return data | ({"answer": self.numbers} if self.kind == "numbers" else {})

    def look_over(self) -> None:
        """Raise BadPrediction where a right prediction could not be made."""
        wrong: list[Any] = []
        if self.kind in ("choice", "choices"):
            given = [self.answer] if self.kind == "choice" else self.answer
            wrong = [each for each in given if each not in self.choices]
            among = f"the choices {self.choices}"
        elif self.kind == "numbers":
            wrong = [each for each in self.numbers.values() if not _is_number(each)]
            among = "numbers"
        else:
            wrong = [each for each in self.answer if each not in self.levels]
            among = f"the levels {self.levels}"
        if wrong:
            raise BadPrediction(
                f"[{self.id}] of {FILE} has the answer {wrong[0]!r}, which is not among {among}."
            )


def load(lesson_folder: Path) -> dict[str, Prediction]:
    """The predictions of one lesson, by id; none where it has no predictions.toml.

    Raises BadPrediction, with a sentence, for an entry that is not as `Prediction` describes it.
    """
    path = lesson_folder / FILE
    if not path.exists():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadPrediction(f"{path} is not TOML: {error}.") from None
    return {id: _prediction(id, table) for id, table in tables.items()}


def _prediction(id: str, table: Any) -> Prediction:
    if not isinstance(table, Mapping) or "answer" not in table:
        raise BadPrediction(f"[{id}] of {FILE} has no answer.")
    try:
        made = Prediction(id, **table)
    except TypeError as error:
        raise BadPrediction(f"[{id}] of {FILE}: {str(error).partition(') ')[2]}.") from None
    made.look_over()
    return made


@cache
def every() -> dict[str, Prediction]:
    """All predictions of all lessons, by id. Raises BadPrediction where two share an id."""
    found: dict[str, Prediction] = {}
    for folder in sorted(path.parent for path in LESSONS.glob(f"*/{FILE}")):
        new = load(folder)
        if twice := found.keys() & new.keys():
            raise BadPrediction(f"{sorted(twice)} stands in two lessons: their ids must differ.")
        found |= new
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
