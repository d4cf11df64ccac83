"""An answer: what the learner wrote, how it is called, and whether it is still a stub."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

Answer = Callable[..., Any]
Answers = Answer | tuple[Answer, ...]  # An exercise may ask for several functions.
Case = dict[str, Any]
Observation = dict[str, Any]

MESSAGE_CHARS_KEPT = 300
ANSWER_SUFFIX = "-answer"  # The grade_id of an answer cell is the exercise's id and this.

# The operations of a body without work of its own, and those of `raise NotImplementedError("…")`.
IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP"}
RAISING = {"LOAD_GLOBAL", "PUSH_NULL", "PRECALL", "CALL", "RAISE_VARARGS"}


class WrongSignature(TypeError):
    """The answer cannot be called with the exercise's keywords."""


class WrongResult(TypeError):
    """The answer's result is of another kind than the exercise asks for."""


def call(answer: Answer, **arguments: Any) -> Any:
    """Call `answer` by keyword. Raises WrongSignature, with a sentence, when it does not fit."""
    if _takes(answer, arguments):
        return answer(**arguments)
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):
        return answer(**arguments)
    try:
        signature.bind(**arguments)
    except TypeError:
        names = ", ".join(signature.parameters) or "no parameters"
        raise WrongSignature(
            f"your function takes ({names}), but is called with ({', '.join(arguments)}): "
            "keep the first line of the answer cell as it was given"
        ) from None
    return answer(**arguments)


def _takes(answer: Answer, arguments: dict[str, Any]) -> bool:
    """True for a plain function that surely takes these arguments: the usual, quick cases."""
    if type(answer) is not FunctionType or vars(answer):
        return False  # functools.wraps copies attributes and hides the real signature.
    code = answer.__code__
    if code.co_flags & inspect.CO_VARARGS or code.co_kwonlyargcount or code.co_posonlyargcount:
        return False
    names = code.co_varnames[: code.co_argcount]
    required = names[: len(names) - len(answer.__defaults__ or ())]
    takes_any = bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return arguments.keys() >= {*required} and (takes_any or arguments.keys() <= {*names})


def is_stub(answer: Any) -> bool:
    """True for None, `...` and functions that do nothing, or only raise NotImplementedError."""
    if answer is None or answer is ...:
        return True
    if not isinstance(answer, FunctionType):
        return False
    code = answer.__code__
    works = _operations(code) - IDLE
    raises = "RAISE_VARARGS" in works and works <= RAISING
    if raises and set(code.co_names) == {"NotImplementedError"}:
        return True
    return not works and set(code.co_consts) <= {None, ..., answer.__doc__}


def names_used(answer: Any) -> set[str]:
    """The names that a function's code looks up elsewhere, those in its inner functions included.

    Example:
        >>> sorted(names_used(lambda numbers: [round(number) for number in sorted(numbers)]))
        ['round', 'sorted']
    """
    waiting = [answer.__code__] if isinstance(answer, FunctionType) else []
    names: set[str] = set()
    while waiting:
        code = waiting.pop()
        names.update(code.co_names)
        waiting += [const for const in code.co_consts if isinstance(const, CodeType)]
    return names


@lru_cache(maxsize=64)
def _operations(code: CodeType) -> frozenset[str]:
    return frozenset(step.opname for step in dis.get_instructions(code))
