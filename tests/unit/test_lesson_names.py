"""A lesson is known by its file's name, whatever says there that it is a copy."""

import pytest

from grader.batch.lesson_names import copy_mark, lesson_in, lesson_named
from grader.collect.names import copy_number, person_in
from grader.exercises import LESSONS

COPIES = {  # which copy each says that it is: 0 for an editor's
    "{}": 1,
    "{} (1)": 2,
    "{} - Copy (2)": 3,
    "{}-Copy1": 0,
    "{} copy 2": 0,
    "{}_copy": 0,
    "{}copy": 0,
    "{}Copy2": 0,
    "{}copy (4)": 5,
    "Copy of {}": 1,
}


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_of_a_lesson_is_that_lesson_and_nobodys_name(copy, lesson):
    for spelled in (lesson, lesson.title(), lesson.replace("-", " "), lesson.replace("-", "")):
        name = copy.format(spelled)
        assert lesson_named(name) == lesson_in(name) == lesson
        assert lesson_in(f"Jane Doe - {name}") == lesson
        assert person_in(name) == ""
        assert person_in(f"Jane Doe - {name}") == "Jane Doe"
        assert copy_number(name) == COPIES[copy]


@pytest.mark.parametrize("name", ["microscopy", "hardcopy", "Jane Photocopy", "mysteplrcopy"])
def test_a_word_that_ends_like_a_copy_is_whole(name):
    assert person_in(name) == person_in(f"{name} (1)") == name
    assert (copy_mark(name), copy_number(name)) == ("", 1)
    assert lesson_in(name) == lesson_named(name) == ""
