"""Apply an answer to one case and say, as plain data, what was seen.

`observe` knows no right answer: it treats the learner's function, the reference and every named
misconception alike. What it returns is one of

- `{"value": …}`, with `"changed": [names]` when the answer changed its arguments, and with
  `"events"`, `"lrs"`, … where an exercise is about what happens to torch objects;
- `{"unanswered": True}` for a stub;
- `{"error": {"type", "message", "line", "source"}}`.

Some exercises have many right answers. For these `to_consequence` replaces the answer by what
follows from it, which is what is compared. It needs no code of the learner, so the grader runs it
on its own side of the wall.
"""

from __future__ import annotations

import copy
import linecache
import warnings
from types import CodeType, TracebackType

from .answer import MESSAGE_CHARS_KEPT, Answer, Answers, Case, Observation, is_stub
from .guard import TimeLimit
from .watch import watch_of

WITHOUT_VALUE = ("error", "unanswered", "timeout")  # nothing follows from these


def observe(exercise: str, answer: Answers, case: Case) -> Observation:
    """Return what is seen when `answer` meets `case`. Raises nothing but TimeLimit.

    Args:
        exercise: an exercise id; its row in `watch.WATCH` says how it is watched.
        answer: the function, or the functions, that the exercise asks for.
        case: plain data.

    Example:
        >>> observe("step_lr", lambda lr0, epoch: lr0 / 2**epoch, {"lr0": 0.4, "epoch": 2})
        {'value': 0.1}
    """
    answers = answer if isinstance(answer, tuple) else (answer,)
    try:
        if all(is_stub(each) for each in answers):
            return {"unanswered": True}
        return watch_of(exercise).observe(*answers, copy.deepcopy(case))
    except TimeLimit:
        raise
    except BaseException as error:  # an answer may raise anything, SystemExit included
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return {**rest, "consequence": consequence(case, value)}
    except Exception as error:
        return {**rest, "unusable": value, "reason": str(error)[:MESSAGE_CHARS_KEPT]}


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
