"""A lesson is known by its file's name, whatever says there that it is a copy."""

import unicodedata

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
# What Windows, macOS, Google Drive and Colab write in other languages, before a name or behind it.
BEFORE = [
    *("Copy of ", "Copy of Copy of ", "Copy_of_", "Copy (2) of ", "Copy_of_Copy_of_"),
    *("Kopie von ", "Kopie (3) von ", "Copie de ", "Copia de ", "Copia di ", "Cópia de "),
    *("Kopie van ", "Kopia ", "Kopia pliku ", "Kopia av ", "Kopi af ", "Kopi av ", "Kopio: "),
    *("Копия ", "Копія ", "Bản sao của ", "Salinan ", "نسخة من ", "עותק של ", "Αντίγραφο "),
    *("副本 ", "复件 ", "副本", "Copia de Copia de ", "Kopie von Copy of ", "KOPIE VON "),
]
BEHIND = [
    *(" - Kopie", " Kopie 2", " - Copie", " - copia", " - Copia", " - Cópia", " – kopie"),
    *(" — kopia", " - Kopi", " - Kopio", " — копия", " - копія", " - Kopya", " - Másolat"),
    *(
        " - コピー",
        " のコピー",
        "のコピー",
        " - 副本",
        "的副本",
        " 的副本",
        " 副本",
        " 拷贝",
        " - 複製",
    ),
    *(
        " - 복사본",
        "의 사본",
        " copia 3",
        "_kopie",
        "-Kopie2",
        " - Kopie - Kopie",
        " - コピー - コピー",
    ),
]


ABROAD = [*(f"{each}{{}}" for each in BEFORE), *(f"{{}}{each}" for each in BEHIND)]


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


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("again", ["", " (2)"])
@pytest.mark.parametrize(
    "copy", [*(each + "{}" for each in BEFORE), *("{}" + each for each in BEHIND)]
)
def test_a_copy_in_any_language_is_no_part_of_a_name(copy, again, form):
    for own in ("steplr", "steplr - Jane Doe", "Jane Doe - steplr", "Jane Doe steplr"):
        name = unicodedata.normalize(form, copy.format(own) + again)
        assert lesson_in(name) == "steplr"
        assert person_in(name) == ("Jane Doe" if "Jane" in own else "")
        assert copy_number(name) == (3 if again else 0 if copy.startswith("{") else 1)
    assert lesson_named(copy.format("StepLR") + again) == "steplr"
    assert person_in(unicodedata.normalize(form, copy.format("").strip(" -–—:") + again)) == ""


@pytest.mark.parametrize("name", ["Copia", "Jane Kopien", "Ana Copiapó", "Kopitar", "Skopia"])
def test_a_name_that_begins_like_a_copy_is_whole(name):
    for said in (f"{name} Doe - steplr", f"steplr - {name} Doe"):
        assert person_in(said) == f"{name} Doe"


@pytest.mark.parametrize("name", ["microscopy", "hardcopy", "Jane Photocopy", "mysteplrcopy"])
def test_a_word_that_ends_like_a_copy_is_whole(name):
    assert person_in(name) == person_in(f"{name} (1)") == name
    assert (copy_mark(name), copy_number(name)) == ("", 1)
    assert lesson_in(name) == lesson_named(name) == ""
