"""What a lesson is worth, so that no test has to know how many exercises it has."""

from grader.exercises import marked_of_lesson, of_lesson


def points_of(lesson: str) -> int:
    """The score of a lesson in which every answer is right, before anybody grades by hand."""
    return sum(exercise.points for exercise in of_lesson(lesson))


def most_of(lesson: str) -> int:
    """The largest score of a lesson, written answers included."""
    return sum(each.points for each in marked_of_lesson(lesson))
