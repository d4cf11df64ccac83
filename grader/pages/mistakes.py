"""Who was told what: the mistakes of a class, their learners, and what is worth teaching again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from grader.exercises import LESSONS
from grader.lines import MarkLine
from grader.notebook import sections

RETEACH = 3
MAX_UNNAMED = 10
MAX_LEARNERS = 20  # linked at a mistake; the table of students shows all of them
# Unnamed diagnoses quote the learner's values, so their number is unbounded.
MAX_SENTENCES = 5_000


class Alike:
    """Learners whose wrong answers got the same sentence, or show the same and have no name."""

    def __init__(self, mark: MarkLine) -> None:
        self.sentence = mark["diagnosis"]
        self.sample = mark.get("sample", "")
        self.has_cluster = "cluster" in mark
        self.students: list[str] = []


class Said:
    """What was said of the wrong answers to one exercise, and to whom."""

    def __init__(self) -> None:
        self._alike: dict[str, Alike] = {}

    def add(self, student: str, mark: MarkLine) -> None:
        """Take in one wrong answer."""
        alike = mark.get("cluster") or mark["diagnosis"]
        if alike not in self._alike:
            self._alike[alike] = Alike(mark)
        self._alike[alike].students.append(student)
        if len(self._alike) > MAX_SENTENCES:
            self._alike = dict(self._by_count()[: MAX_SENTENCES // 2])

    def named(self, known: frozenset[str]) -> list[Alike]:
        """Those with a name, the commonest first; `known` are the sentences of a lesson."""
        # A sentence that is not known is listed only if at least two learners got it.
        return [
            each
            for _, each in self._by_count()
            if not each.has_cluster and (each.sentence in known or len(each.students) > 1)
        ]

    def unnamed(self) -> list[Alike]:
        """Answers without a name of which there are several, the commonest first."""
        return [each for _, each in self._by_count() if each.has_cluster and len(each.students) > 1]

    def _by_count(self) -> list[tuple[str, Alike]]:
        return sorted(self._alike.items(), key=lambda each: -len(each[1].students))


class Mistakes:
    """The mistakes of the whole class.

    Args:
        said: by lesson and exercise, in their order.
        known: by lesson, the sentences of its known mistakes.
        handed_in: gives who handed in a lesson.
        number_of: by student, the number by which the page's script knows them.
        link: gives where the feedback on (student, lesson) lies, if there is any.
    """

    def __init__(
        self,
        said: Mapping[str, Mapping[str, Said]],
        known: Mapping[str, frozenset[str]],
        handed_in: Callable[[str], set[str]],
        number_of: Mapping[str, int],
        link: Callable[[str, str], str | None],
    ) -> None:
        self._said = said
        self._handed_in = {lesson: handed_in(lesson) for lesson in said}
        self._number_of = number_of
        self._link = link
        self._named = {
            (lesson, exercise): each.named(known[lesson])
            for lesson, exercises in said.items()
            for exercise, each in exercises.items()
        }

    def of(
        self, lesson: str, exercise: str, among: Collection[str] | None = None
    ) -> list[dict[str, Any]]:
        """The named mistakes in one exercise, the commonest first, of all or `among` some."""
        made = [
            (each.sentence, [who for who in each.students if among is None or who in among])
            for each in self._named[lesson, exercise]
        ]
        return [
            {
                "sentence": sentence,
                "count": len(students),
                **self._learners(lesson, exercise, students),
            }
            for sentence, students in sorted(made, key=lambda each: -len(each[1]))
            if students
        ]

    def reteach(self, among: Collection[str] | None = None) -> list[dict[str, Any]]:
        """The mistakes that most learners make, of the class or `among` some of it."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for (lesson, exercise), alike in self._named.items():
            for each in alike:
                group = found.setdefault(
                    (lesson, each.sentence), {"exercises": [], "students": set()}
                )
                group["exercises"].append(exercise)
                group["students"].update(each.students)
        chosen = []
        for (lesson, sentence), group in found.items():
            answered = self._handed_in[lesson] | group["students"]
            who = group["students"] if among is None else group["students"] & set(among)
            of = len(answered if among is None else answered & set(among))
            if who:
                first = group["exercises"][0]
                students = sorted(who, key=self._number_of.__getitem__)
                chosen.append(
                    {
                        "sentence": sentence,
                        "lesson": lesson,
                        "exercises": group["exercises"],
                        "count": len(who),
                        "of": of,
                        "section": sections(lesson).get(first, "") if lesson in LESSONS else "",
                        **self._learners(lesson, first, students),
                    }
                )
        return sorted(chosen, key=lambda each: (-each["count"], each["of"]))[:RETEACH]

    def unnamed(self) -> list[dict[str, Any]]:
        """The largest groups of answers that are wrong in the same way, which has no name."""
        groups = [
            {
                "lesson": lesson,
                "exercise": exercise,
                "sentence": each.sentence,
                "sample": each.sample,
                "count": len(each.students),
                **self._learners(lesson, exercise, each.students),
            }
            for lesson, exercises in self._said.items()
            for exercise, said in exercises.items()
            for each in said.unnamed()
        ]
        return sorted(groups, key=lambda each: -each["count"])[:MAX_UNNAMED]

    def _learners(self, lesson: str, exercise: str, students: list[str]) -> dict[str, Any]:
        """All of them as numbers, and the first with a link to what they were told."""
        place = 1 + list(self._said[lesson]).index(exercise)
        shown = []
        for student in students[:MAX_LEARNERS]:
            page = self._link(student, lesson)
            link = f"{page}#exercise-{place}" if page else None
            shown.append({"student": student, "link": link})
        return {"numbers": [self._number_of[each] for each in students], "learners": shown}
