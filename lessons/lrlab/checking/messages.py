"""What is said about an answer that has no named mistake: the first difference, in words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .answer import Case, Observation
from .calls import side_by_side
from .codec import Other
from .compare import Difference, difference, is_number
from .groups import wrong_group
from .text import a

SHOWN_WORDS = 8
ENTRIES_OF_ONE_ROUND = 2
UNCALLED = re.compile("'(function|method|builtin_function_or_method)'")  # in what Python says
ITERABLES = {
    *("generator", "map", "filter", "zip", "range", "reversed", "enumerate", "deque", "set"),
    *("dict_keys", "dict_values", "dict_items", "accumulate", "chain", "islice", "takewhile"),
}
OF_GROUPS = {"lrs": "lr", "gradients": "gradient"}  # Seen at each step, one number a group.
FEW_DIGITS = 3e-7  # What is left of a number after some steps in float32.


@dataclass(frozen=True)
class Along:
    """What the entries of an exercise's list are: one per `name`, counted from `start`.

    With `positions`, each entry is itself the number of one of them: an epoch with a drop.
    """

    name: str = ""
    start: int = 0
    positions: bool = False


def exception(error: dict[str, Any]) -> str:
    """An exception's type, and its message where it has one."""
    return f"{error['type']}: {error['message']}" if error.get("message") else error["type"]


def error_sentence(error: dict[str, Any]) -> str:
    """What an answer that raises is told."""
    said = _error(error)
    if UNCALLED.search(error.get("message", "")):
        said += ". A function stands where its result is wanted: is `()` missing after its name?"
    if name := error.get("shadowed"):
        said += (
            f". A variable is called `{name}` and hides Python's own function: give it another "
            f"name, and run `del {name}` if it stands outside your function."
        )
    return said


def _error(error: dict[str, Any]) -> str:
    where = f", at line {error['line']}: `{error['source']}`" if error.get("source") else ""
    if error["type"] == "NotImplementedError" and error.get("source", "").startswith("raise"):
        return "Remove the line `raise NotImplementedError`: your own code stands in its place."
    if error["type"] == "WrongSignature":
        return f"Not called: {error['message']}."
    if error["type"] == "WrongResult":
        return f"{error['message']}."
    if error["type"] == "StopIteration" and not error.get("message"):
        return f"Your function asks for more than there is: it raises StopIteration{where}"
    return f"Your function raises {exception(error)}{where}"


def timeout_sentence(seconds: float, line: str) -> str:
    """What an answer that runs too long is told: the time it had, and the line it was in."""
    stopped = f" It was stopped at {line}." if line else ""
    return f"Your function did not come to an end within {seconds:g} seconds.{stopped}"


def difference_sentence(
    first: Difference,
    expected: Sequence[Observation],
    observed: Sequence[Observation],
    cases: Sequence[Case],
    along: Along,
) -> str:
    """What is said about the first difference.

    Args:
        first: where and how the first case differs.
        expected: the reference's observations.
        observed: the answer's, one a case.
        cases: the inputs.
        along: what the entries of a list are.
    """
    if said := _no_result(observed) or _none_at_times(expected, observed, cases):
        return said
    if said := _other_object(expected, observed):
        return said
    changed = next((seen["changed"] for seen in observed if seen.get("changed")), None)
    if changed and all(
        difference(_value(one), _value(other)) is None for one, other in zip(expected, observed)
    ):
        instead = (
            "leave what you were not asked to change"
            if changed[0] == "optimizer"
            else "work on a copy"
        )
        return f"Your function changes its argument `{changed[0]}`: {instead}."
    if said := _order_of_calls(expected, observed) or _words(expected, observed):
        return said
    if said := _setting(first, observed, cases):
        return said
    if first.path[:1] == ("consequence",) and len(first.path) > 1:
        return _consequence(first.path[1], expected, observed)
    return _length(first, expected, observed) or _plain_difference(first, along)


def _consequence(
    name: str, expected: Sequence[Observation], observed: Sequence[Observation]
) -> str:
    """What follows from the result, and what should: the result itself may take many forms."""
    for right, mine in zip(expected, observed):
        one, other = right["consequence"], mine.get("consequence", {})
        if difference(one, other) is not None and name in one and name in other:
            return f"With your result, {name}: {show(other[name])}; asked for: {show(one[name])}."
    return ""


def _length(
    first: Difference, expected: Sequence[Observation], observed: Sequence[Observation]
) -> str:
    """What is said about a list that is too long or too short: that comes before its entries."""
    if first.path[:1] != ("value",):
        return ""
    for right, mine in zip(expected, observed):
        one, other = right.get("value"), mine.get("value")
        if difference(one, other) is not None:
            if isinstance(one, list) and isinstance(other, list) and len(one) != len(other):
                here = Difference(("value", "length"), len(one), len(other))
                return _plain_difference(here, Along())
            return ""
    return ""


def _plain_difference(first: Difference, along: Along) -> str:
    right, got, path = first.expected, first.got, first.path
    if said := _entry(first, along):
        return said
    if path and path[-1] == "length":
        return f"{_place(path[:-1])} has {_entries(got)}; {_entries(right)} {_are(right)} expected."
    if isinstance(got, Other):
        said = f"{_place(path)} is {a(got.type_name)}; {_kind(right)} is expected"
        return f"{said}: put `list(…)` around it." if _is_iterable(got, right) else f"{said}."
    if type(got) is not type(right) and not (is_number(right) and is_number(got)):
        absent = "missing" if len(path) > 1 and isinstance(path[-1], str) else "None"
        if right is None and absent == "missing":
            return f"{_place(path[:-1])} has an entry {path[-1]!r}, which is not asked for."
        yours, asked = _side(got, right, absent), _side(right, got, absent)
        return f"{_place(path)} is {yours}; {asked} is expected."
    if show(got) == show(right):  # They differ in digits that `show` leaves out.
        return f"{_place(path)} is {got!r}; exactly {right!r} is expected."
    return f"{_place(path)} is {show(got)}; {show(right)} is expected.{_few_digits(right, got)}"


def _is_iterable(got: Other, right: Any) -> bool:
    """Whether `list` makes of an object what is expected."""
    return isinstance(right, list) and got.type_name in ITERABLES


def _side(value: Any, other: Any, absent: str) -> str:
    """One of two values of different kinds: a number itself beside None, else its kind will do."""
    if value is None:
        return absent
    return show(value) if other is None and is_number(value) else _kind(value)


def _few_digits(right: Any, got: Any) -> str:
    """What is added where two numbers agree in as many digits as float32 keeps, and no more."""
    if is_number(right) and is_number(got) and math.isclose(right, got, rel_tol=FEW_DIGITS):
        return " Keep all digits: do not round, and let torch and numpy compute in float64."
    return ""


def _entry(first: Difference, along: Along) -> str:
    """The difference in one entry of a list of numbers, in the words of the exercise."""
    head, *places = first.path or ("",)
    if head != "value" or not (along.name and is_number(first.expected) and is_number(first.got)):
        return ""
    if not places or len(places) > 2 or not all(type(place) is int for place in places):
        return ""
    yours, right = show(first.got), show(first.expected)
    if yours == right:  # They differ in digits that `show` leaves out.
        yours, right = repr(first.got), f"exactly {first.expected!r}"
    few = _few_digits(first.expected, first.got)
    *groups, last = places
    within = "".join(f"group {group}, " for group in groups)
    if along.positions:
        return (
            f"Number {last + 1} in your list is {along.name} {yours}; "
            f"{along.name} {right} is expected."
        )
    return (
        f"In {within}{along.name} {last + along.start}, yours is {yours}; {right} is expected.{few}"
    )


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _value(observed: Observation) -> Any:
    return {name: each for name, each in observed.items() if name != "changed"}


def _no_result(observed: Sequence[Observation]) -> str:
    nothing = [_is_none(seen) for seen in observed]
    if all(nothing):
        return "Your function returns None: is a `return` missing?"
    return ""


def _none_at_times(
    expected: Sequence[Observation], observed: Sequence[Observation], cases: Sequence[Case]
) -> str:
    """What is said where some results are None, or cannot be used for another reason."""
    missing = {n for n, seen in enumerate(observed) if _is_none(seen)}
    if missing and not any(map(_is_none, expected)):
        if _leaves_its_loop(expected, observed):
            return "Your function ends in the first round of a loop: is the `return` inside it?"
        end = "does every way through it end in a `return`?"
        if "consequence" in expected[0]:
            end = "it ends there without having found anything."
        which = f", those where {group}" if (group := wrong_group(cases, missing)) else ""
        count = f"{len(missing)} of {len(observed)} cases"
        return f"Your function returns None in {count}{which}: {end}"
    reason = next((seen["reason"] for seen in observed if "unusable" in seen), None)
    return "" if reason is None else f"Your result cannot be used: {reason.rstrip('.')}."


def _leaves_its_loop(expected: Sequence[Observation], observed: Sequence[Observation]) -> bool:
    """Whether each list is as short as what one round of a loop makes, and should be longer."""
    pairs = [(one.get("value"), other.get("value")) for one, other in zip(expected, observed)]
    lists = [(one, other) for one, other in pairs if type(one) is type(other) is list]
    lengths = {len(other) for _, other in lists}
    short = len(lengths) == 1 and max(lengths) <= ENTRIES_OF_ONE_ROUND
    return short and any(len(one) > len(other) for one, other in lists)


def _other_object(expected: Sequence[Observation], observed: Sequence[Observation]) -> str:
    """What is said where an object of torch is asked for, whose type stands for it."""
    for right, mine in zip(expected, observed):
        if "same_optimizer" not in right or "value" not in mine:
            continue
        value, is_scheduler = mine["value"], "same_optimizer" in mine
        if value != right["value"]:
            got = a(value) if is_scheduler and isinstance(value, str) else _kind(value)
            return f"Your result is {got}; {a(right['value'])} is expected, which is an object."
        if not is_scheduler:
            return f"Your result is the text {value!r}; the object itself is expected."
    return ""


def none_where_not_expected(right: Observation, mine: Observation) -> bool:
    """Whether a result is None where another one is right."""
    return _is_none(mine) and not _is_none(right)


def _is_none(seen: Observation) -> bool:
    return seen.get("value", seen.get("unusable", ...)) is None


def _order_of_calls(expected: Sequence[Observation], observed: Sequence[Observation]) -> str:
    for right, mine in zip(expected, observed):
        if "events" in right and "events" in mine and right["events"] != mine["events"]:
            return side_by_side(right["events"], mine["events"])
    return ""


def _words(expected: Sequence[Observation], observed: Sequence[Observation]) -> str:
    """What is said where a word is none of those that the exercise knows."""
    right = [seen.get("value") for seen in expected]
    mine = [seen.get("value") for seen in observed]
    known = {word for word in right if isinstance(word, str)}
    if len(known) < 2 or len(known) > SHOWN_WORDS or not all(isinstance(w, str) for w in right):
        return ""
    strange = next((word for word in mine if isinstance(word, str) and word not in known), None)
    if strange is None:
        return _never(right, mine)
    words = ", ".join(f'"{word}"' for word in sorted(known))
    return f'Your word "{strange}" is none of those asked for, which are {words}.'


def _never(right: list[Any], mine: list[Any]) -> str:
    """What is said where one word is never given, and all else is right."""
    wrong = {word for word, other in zip(right, mine) if word != other}
    if len(wrong) != 1 or wrong & {word for word in mine if isinstance(word, str)}:
        return ""
    return f'You never say "{wrong.pop()}": does another test, above its own, answer for it?'


def _setting(first: Difference, observed: Sequence[Observation], cases: Sequence[Case]) -> str:
    """What is said where an object has the same setting in each case, whatever was asked for."""
    if len(first.path) != 1 or first.path[0] not in cases[0]:
        return ""
    name = first.path[0]
    found = {repr(seen.get(name)) for seen in observed}
    if len(found) != 1 or len({repr(case.get(name)) for case in cases}) == 1:
        return ""
    return f"You set {name} to {show(first.got)} in every case: use the argument `{name}`."


def _place(path: tuple[Any, ...]) -> str:
    head, *rest = path or ("value",)
    if head in OF_GROUPS and len(rest) == 2:
        step, group = rest
        return f"At step {step}, the {OF_GROUPS[head]} of group {group}"
    name = "Your result" if head in ("value", "consequence") else f"What was seen in `{head}`"
    return name + "".join(f"[{key!r}]" for key in rest)


def _kind(value: Any) -> str:
    if isinstance(value, Other):
        return a(value.type_name)
    for kind, name in (
        (bool, "True or False"),
        ((int, float), "a number"),
        (str, "a text"),
        (list, "a list"),
        (dict, "a dict"),
    ):
        if isinstance(value, kind):
            return f"{show(value)} ({name})" if kind in (bool, str) else name
    return str(value)


def show(value: Any, width: int = 60) -> str:
    """A value as a learner reads it: numbers with up to 10 digits, long lists shortened."""
    if isinstance(value, Other):
        return value.type_name
    if isinstance(value, float) and not isinstance(value, bool):
        return f"{float(value):.10g}"
    if isinstance(value, list):
        text = "[" + ", ".join(show(item, width) for item in value) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{show(k)}: {show(v, width)}" for k, v in value.items()) + "}"
    else:
        text = repr(value)
    return text if len(text) <= width else text[: width - 2] + " …"
