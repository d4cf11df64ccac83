"""Right answers in many styles: exercise → style → the source of the answer cell.

STYLES has the solution of every exercise, what the example class wrote, and the further styles of
FURTHER, which are the files beside this one. A new exercise needs none of those.
"""

from importlib import import_module
from pkgutil import iter_modules

from grader.demo.answers import ANSWERS
from grader.demo.rows import Answers
from grader.demo.write import answer_source
from grader.exercises import EXERCISES

FURTHER: dict[str, dict[str, str]] = {
    exercise: styles
    for module in iter_modules(__path__, f"{__name__}.")
    for exercise, styles in import_module(module.name).RIGHT.items()
}


def _styles(exercise: str) -> dict[str, str]:
    words = {"solution": "right"}
    words |= {f"demo, {word}": word for word in ANSWERS.get(exercise, Answers()).right}
    known = {style: answer_source(exercise, word) for style, word in words.items()}
    return known | FURTHER.get(exercise, {})


STYLES: dict[str, dict[str, str]] = {exercise: _styles(exercise) for exercise in EXERCISES}
