"""What a learner who is stuck gets to read: one more step with each check that fails."""

from __future__ import annotations

from dataclasses import dataclass

from .judge import Verdict

START = (
    "Write your code in the cell above in place of `raise NotImplementedError`, run it with "
    "Shift+Enter, then check."
)
FAILED_UNTIL_HELP = 2  # the diagnosis stands alone until then


@dataclass(frozen=True)
class Help:
    """The help for one exercise; what is empty is left out.

    Attributes:
        idea: a hint at what to think of.
        step: a hint at how to do it.
        sibling: code of another function of the same shape, never the answer.
        why: after a right answer, why it is so.
    """

    idea: str = ""
    step: str = ""
    sibling: str = ""
    why: str = ""


@dataclass(frozen=True)
class Advice:
    """One thing that the card says below its verdict; `code` is shown as it is."""

    title: str
    text: str
    code: bool = False


def advice(help: Help, verdict: Verdict, failed: int) -> list[Advice]:
    """What to say of a verdict, when that many checks of the exercise failed in a row.

    Example:
        >>> stuck = Help(idea="Count the blocks.", step="Divide and round down.")
        >>> [each.title for each in advice(stuck, Verdict("wrong"), failed=3)]
        ['Hint 1', 'Hint 2']
    """
    if verdict.kind == "unanswered":
        return [Advice("What to do", START)]
    if verdict.kind == "stale":
        return []
    if verdict.kind == "right":
        said = [Advice("Why", help.why)]
    else:
        ladder = [
            Advice("Hint 1", help.idea),
            Advice("Hint 2", help.step),
            Advice("A worked sibling", help.sibling, code=True),
        ]
        said = ladder[: max(failed - FAILED_UNTIL_HELP + 1, 0)]
    return [each for each in said if each.text]
