"""Apply an answer to one case and say, as plain data, what was seen.

`observe` knows no right answer: it treats the learner's function, the reference and every named
misconception alike. What it returns is one of

- `{"value": …}`, with `"changed": [names]` when the answer changed its arguments, and with
  `"events"`, `"lrs"`, … where an exercise is about what happens to torch objects;
- `{"unanswered": True}` for a stub;
- `{"error": {"type", "message", "missing", "about", "shadowed", "raised_in", "line", "source"}}`
  for an exception. `missing` is the attribute or key that is not there, `about` the argument or the
  type that a TypeError complains of, `shadowed` the function of Python whose name a variable has
  taken, `raised_in` the function of torch that raised it, `line` and `source` are the learner's
  own; each stands there only where it is known.

Some exercises have many right answers. For these `to_consequence` replaces the answer by what
follows from it, which is what is compared. It needs no code of the learner, so the grader runs it
on its own side of the wall.
"""

from __future__ import annotations

import linecache
import re
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from types import CodeType, FrameType, TracebackType
from typing import Any, TypeVar

from .answer import MESSAGE_CHARS_KEPT, Answer, Answers, Case, Observation, is_stub
from .codec import NAME_CHARS, copied
from .footing import OWN_BUILTINS, own_footing
from .guard import TimeLimit
from .watch import watch_of

T = TypeVar("T")

CALLED = re.compile(r"\b(\w+)\s*\(")  # what stands before a bracket in a line of code
# The name in "'list' object is not callable", "unexpected keyword argument 'x'", "arguments: 'x'".
ABOUT = re.compile(r"(?:^|argument |: )'(\w+)'")
WITHOUT_VALUE = ("error", "unanswered", "timeout")  # Nothing follows from these.


Left = list[bytes] | Observation  # An observation where the first half came to no file.


def observe(exercise: str, answer: Answers, case: Case, left: Left | None = None) -> Observation:
    """Return what is seen when `answer` meets `case`. Raises nothing but TimeLimit.

    Args:
        exercise: an exercise id; its row in `watch.WATCH` says how it is watched.
        answer: the function, or the functions, that the exercise asks for.
        case: plain data.
        left: what `leave` gave for this case, where another process did the first half of it.

    Example:
        >>> observe("step_lr", lambda lr0, epoch: lr0 / 2**epoch, {"lr0": 0.4, "epoch": 2})
        {'value': 0.1}
    """
    answers = answer if isinstance(answer, tuple) else (answer,)
    watch = watch_of(exercise)
    if isinstance(left, dict):
        return left
    if left is not None and watch.halves is not None:
        return _watched(answers, partial(watch.halves[1], answers[1], copied(case), left))
    return _watched(answers, partial(watch.observe, *answers, copied(case)))


def leave(exercise: str, answers: Answers, case: Case) -> Left:
    """Do the first half of an exercise that has two; return the files that it leaves.

    Or an observation, where that is all there is to see. Raises nothing but TimeLimit.
    """
    halves = watch_of(exercise).halves
    assert halves is not None and isinstance(answers, tuple)
    return _watched(answers, partial(halves[0], answers[0], copied(case)))


def _watched(answers: tuple[Answer, ...], work: Callable[[], T]) -> T | Observation:
    """What comes of calling answers, or the observation that says why nothing does."""
    try:
        if all(is_stub(each) for each in answers):
            return {"unanswered": True}
        with own_footing():
            return work()
    except TimeLimit:
        raise
    except BaseException as error:  # An answer may raise anything, SystemExit included.
        return _describe(error, answers)


def to_consequence(exercise: str, case: Case, observed: Observation) -> Observation:
    """Replace an answer by its consequence where an exercise has many right answers.

    `observed` may come from a stranger. The consequence stands under a key that no answer can fill;
    an answer without one stays visible as `"unusable"`, with the reason.
    """
    consequence = watch_of(exercise).consequence
    if consequence is None:
        return observed
    if "value" not in observed:
        return {key: observed[key] for key in WITHOUT_VALUE if key in observed}
    value = observed["value"]
    rest = {"changed": observed["changed"]} if "changed" in observed else {}
    try:
        with own_footing(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return {**rest, "consequence": consequence(case, value)}
    except Exception as error:
        return {**rest, "unusable": value, "reason": str(error)[:MESSAGE_CHARS_KEPT]}


def _describe(error: BaseException, answers: tuple[Answer, ...]) -> Observation:
    """Name an exception and the learner's line that led to it."""
    frame = _last_own_frame(error.__traceback__, answers)
    try:
        message = str(error)[:MESSAGE_CHARS_KEPT]
    except BaseException:  # A stranger's exception may do anything when it is asked for its text.
        message = ""
    described: dict[str, Any] = {"type": type(error).__name__, "message": message}
    if missing := _missing(error):
        described["missing"] = missing
    if type(error) is TypeError and (about := ABOUT.search(message)):
        described["about"] = about[1][:NAME_CHARS]
    if shadowed := _shadowed(error, message):
        described["shadowed"] = shadowed
    if raised_in := _raised_in(error.__traceback__):
        described["raised_in"] = raised_in
    if frame is not None:
        filename = frame.tb_frame.f_code.co_filename
        described["line"] = frame.tb_lineno
        described["source"] = linecache.getline(filename, frame.tb_lineno).strip()
    return {"error": described}


def _missing(error: BaseException) -> str:
    """The attribute, variable or key that is not there, where it is a name; else ""."""
    try:
        key = isinstance(error, KeyError)
        name = error.args[0] if key else getattr(error, "name", "")
        return name if type(name) is str and name.isidentifier() and len(name) < NAME_CHARS else ""
    except BaseException:  # A stranger's exception may do anything here as well.
        return ""


def _shadowed(error: BaseException, message: str) -> str:
    """The function of Python in whose place a variable of the same name was called; else ""."""
    traceback = error.__traceback__
    if type(error) is not TypeError or traceback is None:
        return ""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    frame = traceback.tb_frame
    variables = {**frame.f_globals, **frame.f_locals}
    line = linecache.getline(frame.f_code.co_filename, traceback.tb_lineno)
    try:
        return next(
            name
            for name in CALLED.findall(line)
            if name in OWN_BUILTINS
            and name in variables
            and message == f"'{type(variables[name]).__name__}' object is not callable"
        )
    except BaseException:  # There is none; or a stranger's variable may do anything as well.
        return ""


def _raised_in(traceback: TracebackType | None) -> str:
    """The function that raised, if it is one of torch or of what we put in its place; else ""."""
    frames = []
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    if not frames or _package(frames[-1]) not in ("torch", "lrlab"):
        return ""
    names = (frame.f_code.co_name for frame in reversed(frames))
    # Python 3.11 gives a comprehension a frame of its own, <listcomp>; later ones do not.
    return next((name for name in names if not name.startswith("<")), "")


def _package(frame: FrameType) -> str:
    module = frame.f_globals.get("__name__")
    return module.partition(".")[0] if type(module) is str else ""


def own_line(calls: Iterable[tuple[str, int]], answers: tuple[Answer, ...]) -> str:
    """The innermost line of the learner's in some calls, as a card names it; empty if none is.

    Args:
        calls: file and line of each, the innermost first.
    """
    files = _own_files(answers)
    file, line = next((each for each in calls if each[0] in files), ("", 0))
    source = linecache.getline(file, line).strip()
    return f"line {line}: `{source}`" if source else ""


def _own_files(answers: tuple[Answer, ...]) -> set[str]:
    codes = [getattr(answer, "__code__", None) for answer in answers]
    return {code.co_filename for code in codes if isinstance(code, CodeType)}


def _last_own_frame(
    traceback: TracebackType | None, answers: tuple[Answer, ...]
) -> TracebackType | None:
    own_files = _own_files(answers)
    last = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename in own_files:
            last = traceback
        traceback = traceback.tb_next
    return last
