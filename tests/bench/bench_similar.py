"""How many copies does similar.html name, how many innocent pairs, and how long does it take?

Each class has students who work alone, with habits of their own, and pairs of whom one has copied
everything and disguised it (tests/support/independent.py).
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from independent import learners, shaped

from grader.exercises import EXERCISES
from grader.similar.answers import reference
from grader.similar.pairs import similar_pairs

CLASSES, STUDENTS, PLANTED, LARGE = 10, 200, 5, 3_000


def main() -> None:
    """Print found copies and false pairs for the exercises of one lesson and of several."""
    print(f"{CLASSES} classes of {STUDENTS}, {PLANTED} planted pairs each")
    print(f"{'exercises of':24} {'found':>12} {'false pairs a class':>20}")
    names = {"steplr": ("steplr",), "plateau": ("plateau",), "both": ("steplr", "plateau")}
    found, false = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for seed in range(CLASSES):
        written, planted = learners(STUDENTS, PLANTED, seed)
        shapes_of = shaped(written)
        for name, lessons in names.items():
            named = _named({e: s for e, s in shapes_of.items() if EXERCISES[e].lesson in lessons})
            found[name] += len(named & planted)
            false[name] += len(named - planted)
    for name in names:
        of = f"{found[name]} of {CLASSES * PLANTED}"
        print(f"{name:24} {of:>12} {false[name] / CLASSES:20.2f}")
    written, planted = learners(LARGE, PLANTED, seed=0)
    start = time.process_time()
    shapes_of = shaped(written)
    middle = time.process_time()
    named = _named(shapes_of)
    end = time.process_time()
    print(
        f"{LARGE} students, {len(written)} exercises: {middle - start:.1f} s of CPU for shapes, "
        f"{end - middle:.1f} s for pairs; {len(named & planted)} of {PLANTED} found, "
        f"{len(named - planted)} false"
    )


def _named(shapes_of):
    pairs = similar_pairs(shapes_of, {exercise: reference(exercise) for exercise in shapes_of})
    return {pair.students for pair in pairs}


if __name__ == "__main__":
    main()
