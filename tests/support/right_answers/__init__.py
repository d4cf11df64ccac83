"""Right answers in several styles each: exercise → style → the source of the answer cell."""

from importlib import import_module
from pkgutil import iter_modules

RIGHT: dict[str, dict[str, str]] = {
    exercise: styles
    for module in iter_modules(__path__, f"{__name__}.")
    for exercise, styles in import_module(module.name).RIGHT.items()
}
