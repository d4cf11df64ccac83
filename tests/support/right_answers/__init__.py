"""Right answers in more styles: exercise → style → the source of the answer cell.

They come on top of the answer in solutions/ and those of the example class, which
tests/unit/test_right_answers.py tries as well. A new exercise needs nothing here.
"""

from importlib import import_module
from pkgutil import iter_modules

MORE_STYLES: dict[str, dict[str, str]] = {
    exercise: styles
    for module in iter_modules(__path__, f"{__name__}.")
    for exercise, styles in import_module(module.name).RIGHT.items()
}
