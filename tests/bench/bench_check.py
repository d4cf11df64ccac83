"""How long does `check` take for a right and for a wrong answer of each exercise?"""

import statistics
import time

from grader.exercise import NearMiss
from grader.exercises import EXERCISES
from lrlab import check

REPEATS = 5


def main() -> None:
    """Print the median milliseconds of a check, right and wrong."""
    check("no such exercise")  # loads checks.json and torch once, as a notebook has by then
    print(f"{'exercise':16} {'right, ms':>10} {'wrong, ms':>10}")
    for exercise in EXERCISES.values():
        wrong = next(iter(exercise.misconceptions.values()))
        wrong = wrong.answer if isinstance(wrong, NearMiss) else wrong
        medians = [_median_ms(exercise.id, answer) for answer in (exercise.reference, wrong)]
        print(f"{exercise.id:16} {medians[0]:10.1f} {medians[1]:10.1f}")


def _median_ms(exercise: str, answer: object) -> float:
    answers = answer if isinstance(answer, tuple) else (answer,)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        check(exercise, *answers)
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
