"""How many wrong answers are named: `python tests/corpus/measure.py [--held-back]`."""

from __future__ import annotations

import argparse
from collections import Counter

from corpus import corpus, outcome, verdict_of


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
