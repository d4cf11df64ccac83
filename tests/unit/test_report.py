"""The class report: who is behind, who was told what, and what is worth teaching again."""

import re

import pytest
from page import BROKEN, HOSTILE, NAMED, Page, assert_harmless, line, marks, row_with

from grader.batch.class_folder import ClassFolder
from grader.exercises import EXERCISES, LESSONS
from grader.pages import render
from grader.pages.students import Person
from grader.pages.tally import class_tally

OTHER = list(EXERCISES["step_lr"].misconceptions)[1]


def mark(exercise, verdict="right", diagnosis="", **more):
    score = {"right": 2.0}.get(verdict, 0.0)
    return {
        "id": exercise, "score": score, "max_score": 2.0, "verdict": verdict,
        "diagnosis": diagnosis, **more,
    }  # fmt: skip


def told(student, *sentences, lesson="steplr"):
    """A line with one wrong answer for each sentence, in one exercise after the other."""
    exercises = [mark(f"exercise_{n}", "wrong", each) for n, each in enumerate(sentences)]
    return line(student, "wrong", 0.0, lesson) | {"exercises": exercises}


def test_one_row_a_student_over_all_lessons_and_whoever_is_behind_comes_first():
    first, second, third = LESSONS[:3]
    lines = [
        *(line(who, lesson=each) for who in ("ada", "bob", "cy") for each in (first, second)),
        line("ada", lesson=third),  # not yet due: one of five has it
        line("dan", lesson=first),
        line("dan", "unanswered", 0.0, second, status="not_started"),
        line("eve", lesson=first) | {"marks": marks(late_seconds=90_000.0)},
        line("eve", status="unreadable", lesson=second, score=0.0),
    ]
    roster = {"fay": Person("Fay Y", "A"), "ada": Person("Ada King", "B")}
    page = assert_harmless(render.report(lines, roster))
    (table,) = page.all("table", "students")
    names = [each.text.split()[0] for each in page.all("th") if each.text in table.text]
    start = names.index("fay")
    assert names[start : start + 6] == ["fay", "dan", "eve", "bob", "cy", "ada"]
    words = " ".join(row_with(page, "Fay Y", "students"))
    assert words == "fay Fay Y A 2 0 not handed in not handed in not handed in"
    assert " ".join(row_with(page, "dan", "students")) == "dan 1 2 2 ✓ not started not handed in"
    eve = " ".join(row_with(page, "eve", "students"))
    assert eve == "eve 1.25 1.25 ✓ 25 hours late by hand 0 ✓ unreadable not handed in"
    flags = {each["student"]: each["flags"] for each in class_tally(lines, roster)["table"].rows}
    assert flags["fay"] == ["behind", "none"]
    assert flags["dan"] == ["behind", "none", "not-started"]
    assert flags["eve"] == ["none", "late", "stopped", "by-hand"]
    assert flags["ada"] == []
    assert class_tally(lines, roster)["table"].turnout(second) == {
        "on time": 4,
        "late": 0,
        "not started": 1,
        "not handed in": 1,
    }
    assert "4 on time, 1 late, 1 not handed in" in " ".join(row_with(page, "late,", "overview"))
    for words in ("behind (2)", "something late (1)", "everybody (6)"):
        assert any(each.text.strip() == words for each in page.all("option"))


def test_who_waits_to_be_graded_by_hand_is_told():
    lines = [line(who) | {"exercises": [mark("step_lr", "manual")]} for who in ("ada", "bob")]
    lines[0]["marks"] = marks()  # which gives points for step_lr
    flags = {each["student"]: each["flags"] for each in class_tally(lines)["table"].rows}
    assert flags == {"ada": ["late", "by-hand"], "bob": ["waiting"]}
    assert row_with(assert_harmless(render.report(lines)), "bob", "students")[-2:] == [
        "to",
        "grade",
    ]


def test_the_three_mistakes_that_most_learners_make_come_first_and_each_learner_counts_once():
    lines = [
        *(told(f"s{n}", NAMED, NAMED) for n in range(4)),
        *(told(f"t{n}", OTHER) for n in range(3)),
        *(told(f"p{n}", "Said of two.", lesson="plateau") for n in range(2)),
        told("x", "Said of one, and not known."),
        line("right"),
    ]
    first, second, third = class_tally(lines)["reteach"]
    assert (first["sentence"], first["count"], first["of"]) == (NAMED, 4, 9)
    assert first["exercises"] == ["exercise_0", "exercise_1"]
    assert (second["sentence"], second["count"]) == (OTHER, 3)
    assert (third["sentence"], third["lesson"]) == ("Said of two.", "plateau")
    page = assert_harmless(render.report(lines))
    assert "Reteach these three" in page.text()
    assert page.all("p", "sentence")[0].text == NAMED.replace("`", "")
    links = [each.attributes["href"] for each in page.all("a")]
    assert "feedback/s0/steplr/steplr.html#exercise-1" in links


def test_every_section_has_its_own_three():
    lines = [*(told(f"a{n}", NAMED) for n in range(5)), *(told(f"b{n}", OTHER) for n in range(3))]
    roster = {each["student"]: Person("", each["student"][0].upper()) for each in lines}
    of_a, of_b = class_tally(lines, roster)["sections"]
    assert [each["sentence"] for each in of_a["reteach"]] == [NAMED]
    assert [each["sentence"] for each in of_b["reteach"]] == [OTHER]
    assert (of_b["reteach"][0]["count"], of_b["reteach"][0]["of"]) == (3, 3)
    page = assert_harmless(render.report(lines, roster))
    assert row_with(page, "B ", "sections")[:2] == ["B", "3"]
    assert not Page(render.report(lines)).all("table", "sections")  # no roster: no sections


def test_the_counts_inside_each_lesson_are_there_for_every_section_too():
    lines = [
        *(told(f"a{n}", NAMED) for n in range(3)),
        *(line(f"a{n}", lesson="plateau") for n in range(3)),
        line("b0"),
        told("b1", NAMED),
        line("none", status="missing"),
    ]
    roster = {who: Person("", who[0].upper()) for who in ("a0", "a1", "a2", "b0", "b1", "b2")}
    steplr, plateau = class_tally(lines, roster)["lessons"]
    whole, *sections = steplr["parts"]
    assert [each["section"] for each in steplr["parts"]] == ["", "=", "=A", "=B"]
    for name in ("count", "bins"):
        added = [each[name] for each in sections]
        assert whole[name] == (sum(added) if name == "count" else list(map(sum, zip(*added))))
    (told_a,), (told_b,) = (
        [each for exercise in part["exercises"] for each in exercise["misconceptions"]]
        for part in sections[1:]
    )
    assert (told_a["count"], told_b["count"]) == (3, 1)
    assert [each["student"] for each in told_b["learners"]] == ["b1"]
    of_b = sections[2]
    assert (of_b["count"], of_b["mean"], of_b["statuses"]) == (2, 1.0, [("graded", 2)])
    assert of_b["turnout"] == {"on time": 2, "late": 0, "not started": 0, "not handed in": 1}
    assert [part["count"] for part in plateau["parts"]] == [3, 0, 3, 0]
    page = assert_harmless(render.report(lines, roster))
    shown = [each for each in page.all("div") if "data-section" in each.attributes]
    hidden = [each for each in shown if "hidden" in each.attributes]
    assert all((each in hidden) == (each.attributes["data-section"] != "") for each in shown[-8:])


def test_answers_without_a_name_are_shown_together_with_one_sample():
    same = {"cluster": "c1", "sample": f"def step_lr(): pass  # {HOSTILE}"}
    lines = [
        line(f"s{n}") | {"exercises": [mark("step_lr", "wrong", f"Your result is {n}.", **same)]}
        for n in range(4)
    ]
    lone = mark("step_lr", "wrong", "Unlike all others.", cluster="c2", sample="x = 1")
    lines.append(line("lone") | {"exercises": [lone]})
    page = assert_harmless(render.report(lines))
    (article,) = page.all("article", "unnamed")
    assert "4 learners" in article.text and "def step_lr(): pass" in article.text
    assert "lone" not in article.text
    assert "No wrong answer has a name so far." in page.text()


def test_no_link_is_dead():
    lines = [line("ada"), line("bob", lesson="StepLR"), line("cy", status="failed")]
    links = {each.attributes["href"] for each in Page(render.report(lines)).all("a")}
    assert {each for each in links if "#" not in each} == {"feedback/ada/steplr/steplr.html"}
    none = render.report([line("ada"), told("bob", NAMED)], has_page=lambda _: False)
    assert not [a for a in Page(none).all("a") if a.attributes["href"].startswith("feedback")]


@pytest.mark.parametrize("text", [HOSTILE, BROKEN], ids=["hostile", "broken"])
def test_nothing_of_a_roster_becomes_a_part_of_the_page(text):
    roster = {text: Person(text, text), "ada": Person("Ada", "A"), "bob": Person(text, text)}
    page = assert_harmless(render.report([line("ada"), told("bob", text, text)], roster))
    assert len(page.all("table", "sections")) == 1


@pytest.mark.parametrize("roster", ["student,name,section\nfay,Fay Y,A\n", "no\ncolumns\n", None])
def test_the_report_has_the_roster_and_does_without_one_that_cannot_be_read(tmp_path, roster):
    if roster:
        (tmp_path / "roster.csv").write_text(roster)
    with ClassFolder(tmp_path) as folder:
        page = Page(folder.write_report([line("ada")]).read_text("utf-8"))
    assert ("Fay Y" in page.text()) == ("fay" in (roster or ""))
    assert "ada" in page.text()


def test_the_script_makes_nothing_from_text():
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval", render.SCRIPT)
