"""Apply an answer to one case and say, as plain data, what was seen.

`observe` knows no right answer: it treats the learner's function, the reference and every named
misconception alike. What it returns is one of

- `{"value": …}`, with `"changed": [names]` when the answer changed its arguments, and with
  `"events"`, `"lrs"`, … where an exercise is about what happens to torch objects;
- `{"unanswered": True}` for a stub;
- `{"error": {"type", "message", "line", "source"}}`.
"""

from __future__ import annotations

import copy
import dis
import inspect
import linecache
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FunctionType, TracebackType
from typing import Any

from .codec import plain
from .compare import difference
from .guard import TimeLimit

Answer = Callable[..., Any]
Case = dict[str, Any]
Observation = dict[str, Any]

MESSAGE_CHARS_KEPT = 300

# Bytecode of a body without work of its own, and what `raise NotImplementedError("…")` adds.
IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP"}
VARIADIC = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
RAISING = {"LOAD_GLOBAL", "PUSH_NULL", "PRECALL", "CALL", "RAISE_VARARGS"}


class WrongSignature(TypeError):
    """The answer cannot be called with the exercise's keywords."""


def call(answer: Answer, **arguments: Any) -> Any:
    """Call `answer` by keyword. Raises WrongSignature, with a sentence, when it does not fit."""
    if _takes_exactly(answer, arguments):
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


def _takes_exactly(answer: Answer, arguments: dict[str, Any]) -> bool:
    """True for a plain function with these parameters and no others: the usual, quick case."""
    if type(answer) is not FunctionType or vars(answer):  # what wraps has another's signature
        return False
    code = answer.__code__
    plain_parameters = not code.co_flags & VARIADIC and not code.co_kwonlyargcount
    names = code.co_varnames[code.co_posonlyargcount : code.co_argcount]
    return plain_parameters and len(names) == code.co_argcount and arguments.keys() == set(names)


def observe(exercise: str, answer: Answer | tuple[Answer, ...], case: Case) -> Observation:
    """Return what is seen when `answer` meets `case`. Raises nothing but TimeLimit.

    Args:
        exercise: an exercise id; the ids of `observers.OBSERVERS` work on torch objects, all others
            are pure functions that are called with the case's entries as keywords.
        answer: the function, or the functions, that the exercise asks for.
        case: plain data.
    """
    from .observers import OBSERVERS

    answers = answer if isinstance(answer, tuple) else (answer,)
    watch = OBSERVERS.get(exercise, _pure)
    try:
        if all(is_stub(each) for each in answers):
            return {"unanswered": True}
        return watch(*answers, copy.deepcopy(case))
    except TimeLimit:
        raise
    except BaseException as error:  # an answer may raise anything, SystemExit included
        return _describe(error, answers)


def _pure(answer: Answer, case: Case) -> Observation:
    before = copy.deepcopy(case)
    observed: Observation = {"value": plain(call(answer, **case))}
    changed = [name for name in before if _differ(before[name], case[name])]
    return {**observed, "changed": changed} if changed else observed


def _differ(before: Any, after: Any) -> bool:
    """Whether an argument was changed; what a deep copy does not copy cannot be."""
    return before is not after and difference(plain(before), plain(after)) is not None


def is_stub(answer: Any) -> bool:
    """True for None, `...` and functions that do nothing, or only raise NotImplementedError."""
    if answer is None or answer is ...:
        return True
    if not isinstance(answer, FunctionType):
        return False
    code = answer.__code__
    works = _operations(code) - IDLE
    raises = set(code.co_names) == {"NotImplementedError"} and works <= RAISING
    return raises or (not works and set(code.co_consts) <= {None, ..., answer.__doc__})


@lru_cache(maxsize=64)
def _operations(code: CodeType) -> frozenset[str]:
    return frozenset(step.opname for step in dis.get_instructions(code))


def _describe(error: BaseException, answers: tuple[Answer, ...]) -> Observation:
    """Name an exception and the learner's line that led to it."""
    frame = _last_own_frame(error.__traceback__, answers)
    try:
        message = str(error)[:MESSAGE_CHARS_KEPT]
    except BaseException:  # a stranger's exception may do anything when it is asked for its text
        message = ""
    described = {"type": type(error).__name__, "message": message}
    if frame is not None:
        filename = frame.tb_frame.f_code.co_filename
        described["line"] = frame.tb_lineno
        described["source"] = linecache.getline(filename, frame.tb_lineno).strip()
    return {"error": described}


def _last_own_frame(
    traceback: TracebackType | None, answers: tuple[Answer, ...]
) -> TracebackType | None:
    codes = [getattr(answer, "__code__", None) for answer in answers]
    own_files = {code.co_filename for code in codes if isinstance(code, CodeType)}
    last = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename in own_files:
            last = traceback
        traceback = traceback.tb_next
    return last
