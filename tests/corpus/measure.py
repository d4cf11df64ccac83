"""How many wrong answers are named: `python tests/corpus/measure.py [--held-back]`."""

from __future__ import annotations

import argparse
import warnings
from collections import Counter

from answering import typed
from corpus import WrongAnswer, corpus

from grader.exercises import EXERCISES
from lrlab.checking import codec
from lrlab.checking.judge import Verdict
from lrlab.checking.observe import observe

SEED = "a class"
BARE = (" expected.", "has been written", "Your function raises ")


def verdict_of(wrong: WrongAnswer) -> Verdict:
    """What the grader says about one wrong answer."""
    exercise = EXERCISES[wrong.exercise]
    answer = typed(wrong.exercise, wrong.source)
    cases = [*exercise.visible_cases, *exercise.hidden_cases(SEED)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        observed = [observe(wrong.exercise, answer, case) for case in cases]
    return exercise.judge(cases, codec.loads(codec.dumps(observed)))


def outcome(wrong: WrongAnswer, verdict: Verdict) -> str:
    """accepted | unnamed | named | partly | other: which of the label's words the verdict has."""
    if verdict.kind == "right":
        return "accepted"
    said = verdict.diagnosis.lower()
    hits = sum(any(word.lower() in said for word in words) for words in wrong.words)
    if verdict.kind != "wrong" or verdict.diagnosis.endswith(" expected."):
        return "unnamed"
    return "named" if hits == len(wrong.words) else "partly" if hits else "other"


def main() -> None:
    """Print a line for each answer that is not named as its label says, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-back", action="store_true")
    parser.add_argument("--all", action="store_true", help="print every line")
    options = parser.parse_args()
    counts: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for wrong in corpus():
        if wrong.held_back != options.held_back:
            continue
        verdict = verdict_of(wrong)
        result = outcome(wrong, verdict)
        counts[len(wrong.words) > 1][result] += 1
        if options.all or result != "named":
            print(f"{result:8} {wrong.id} {wrong.exercise}: {wrong.label} => {verdict.diagnosis}")
    for two, count in counts.items():
        print("two mistakes" if two else "one mistake", sum(count.values()), dict(count))


if __name__ == "__main__":
    main()
