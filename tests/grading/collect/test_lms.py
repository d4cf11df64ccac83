"""What an LMS writes on its files is read for what it is: people, times, numbers of attempts."""

from datetime import datetime
from itertools import permutations

import pytest
from handing_in import File, notebook, write_folder

from grader.batch.course import COURSE
from grader.collect.clocks import clock
from grader.collect.collect import Collected
from grader.collect.table import summary, told_after

DUE_DATE = "[steplr]\ndue = 2026-03-01T23:59:00+01:00\n"


def collected(source, out, files, roster="", course=""):
    """The rows of a SOURCE by file, and what is said after they were written."""
    if not source.exists():
        write_folder(files, source)
    out.mkdir(exist_ok=True)
    (out / COURSE).write_text(course)
    if roster:
        (out / "roster.csv").write_text(roster)
    with Collected.of(source, out) as found:
        said = [*told_after(found.write(), (), out)]
        return {row.file: row for row in found.handed.rows}, said


def files(*names):
    return [File(name, notebook("steplr", name)) for name in names]


# Two attempts in each: which is newer is said by the LMS's clock, or by its numbers.
ATTEMPTS = {
    "Canvas": ("doejane_7001_9000_steplr.ipynb", "doejane_7001_9005_steplr-1.ipynb"),
    "Canvas, late": ("doejane_7001_9000_a.ipynb", "doejane_LATE_7001_10001_a.ipynb"),
    "Blackboard": tuple(f"HW_jdoe_attempt_2026-03-0{day}-10-00-00_steplr.ipynb" for day in (1, 3)),
    "Brightspace": tuple(
        f"71-12 - Jane Doe - Mar {day}, 2026 1000 AM - a.ipynb" for day in (1, 13)
    ),
    "ILIAS": tuple(f"Doe_Jane_jdoe_71/2026030{day}100000_steplr.ipynb" for day in (1, 3)),
}


@pytest.mark.parametrize("due", ["", DUE_DATE], ids=["no due date", "due date"])
@pytest.mark.parametrize("order", [*permutations(("mon", "tue", "mon again"))])
@pytest.mark.parametrize("names", ATTEMPTS.values(), ids=ATTEMPTS)
def test_what_is_known_to_be_older_replaces_nothing_newer(names, order, due, tmp_path):
    brought = dict(zip(("mon", "tue"), names)) | {"mon again": names[0]}
    newest = 0
    for number, source in enumerate((*order, "mon")):
        mine = brought[source]
        rows, said = collected(tmp_path / source, tmp_path / "class", files(mine), course=due)
        newest = max(newest, names.index(mine))
        (written,) = (tmp_path / "class" / "submitted").rglob("*.ipynb")
        assert written.read_bytes() == notebook("steplr", names[newest]), (source, number)
        stale = mine != names[newest]
        assert [row.kept for row in rows.values()] == [not stale]
        assert len(said) == stale and all("newer one, which stays" in each for each in said)


@pytest.mark.parametrize(
    "pair",
    [
        ("doejane_7001_9005_steplr.ipynb", "Jane Doe - steplr.ipynb"),
        tuple(f"Jane Doe_{number}_assignsubmission_file_/a.ipynb" for number in (13, 12)),
        ("HW_jdoe_attempt_2026-03-03-10-00-00_a.ipynb", "doejane_7001_9000_steplr.ipynb"),
        ("71-12 - Jane Doe - Mar 3, 2026 1000 AM - a.ipynb", "jdoe_7001/20260301100000_a.ipynb"),
    ],
)
def test_where_nothing_is_known_the_last_that_is_collected_counts(pair, tmp_path):
    roster = "id,name,lms id\njdoe,Jane Doe,7001\njroe,John Roe,7002\n"
    for name in (*pair, *pair[:1]):
        source = tmp_path / f"from {pair.index(name)}"
        rows, said = collected(source, tmp_path / "class", files(name), roster)
        assert [(row.student, row.kept) for row in rows.values()] == [("jdoe", True)]
        assert not said


ROSTER = "id,name,lms id\njdoe,Jane Doe,7001\njroe,John Roe,7002\nzli,Zoë Li,7003\n"
ENDS = (
    *("steplr{}.ipynb", "my_steplr{}.ipynb", "1_steplr{}.ipynb", "12_34_a{}.ipynb"),
    "a{}.zip/a.ipynb",
)


@pytest.mark.parametrize("roster", ["", ROSTER], ids=["no roster", "roster"])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("late", ["", "LATE_"], ids=["in time", "late"])
@pytest.mark.parametrize(
    "names",
    [
        {"doejane_{}7001": "doejane", "roejohn_{}7002": "roejohn"},
        {"{}7001": "7001", "{}7002": "7002", "{}7003": "7003"},
        {"team_one_{}7001": "team_one", "a_b_c_{}7002": "a_b_c", "group7_{}7003": "group7"},
        {"{}anon_x7Kp2": "anon_x7Kp2", "{}anon_12345": "anon_12345", "{}anon_aBcDe": "anon_aBcDe"},
    ],
    ids=["names", "numbers", "groups", "anonymous"],
)
def test_canvas_names_people_groups_or_nobody(names, late, end, roster, tmp_path):
    made = {}
    for number, (head, student) in enumerate(names.items(), start=9001):
        made[f"{head.format('')}_{number}_{end.format('')}"] = student, False, False
        made[f"{head.format(late)}_{number + 100}_{end.format('-1')}"] = student, True, bool(late)
    by_id = dict(line.split(",")[2::-2] for line in roster.splitlines())
    rows, _ = collected(tmp_path / "in", tmp_path / "class", files(*made), roster)
    for file, (student, kept, is_late) in made.items():
        row = rows[file]
        own = by_id.get(row.told.lms_id, student)
        assert (row.student, row.kept, row.told.late) == (own, kept, is_late), file
        assert row.told.shape == "canvas" and ("anon" in student or row.told.lms_id in file)
        assert row.unclear in ("", "not on the roster") or "says Canvas" in row.unclear


@pytest.mark.parametrize(
    "name", ["2026_03_01_{}.ipynb", "2026_0301_{}.ipynb", "1_2_{}.ipynb", "my_hw_1_2_{}.ipynb"]
)
def test_numbers_that_a_student_writes_are_no_canvas_names(name, tmp_path):
    made = [f"jane/{name.format('steplr')}", f"john/{name.format('steplr')}"]
    rows, _ = collected(tmp_path / "in", tmp_path / "class", files(*made))
    assert {row.student for row in rows.values()} == {"jane", "john"}
    rows, _ = collected(tmp_path / "flat", tmp_path / "flat class", files(name.format("steplr")))
    assert not any(row.told.lms for row in rows.values())


SAKAIS = ("Doe, Jane(jdoe)", "Roe, John(jroe)", "Li, Zoë(zli)")
SAKAI_TIMES = {  # All are in UTC: as it wrote them before 2018, and since.
    "20260301225900000": (datetime(2026, 3, 1, 22, 59), 0),
    "20260302005900123\n": (datetime(2026, 3, 2, 0, 59), 7200),
    "2026-03-02T00:59:00.123Z": (datetime(2026, 3, 2, 0, 59, 0, 123000), 7200.123),
    "2026-03-01T22:58:59Z": (datetime(2026, 3, 1, 22, 58, 59), 0),
    "20261301225900000": (None, 0),
    "٢٠٢٦٠٣٠١٢٢٥٩٠٠٠٠٠": (None, 0),
    "": (None, 0),
}


@pytest.mark.parametrize("inside", ["a.ipynb", "work.zip/a.ipynb", "work/steplr/steplr.ipynb"])
@pytest.mark.parametrize("top", ["HW 1", "steplr", "download.zip/HW 1", "."])
@pytest.mark.parametrize(("text", "told"), SAKAI_TIMES.items(), ids=map(ascii, SAKAI_TIMES))
def test_sakai_says_when_and_what_the_teacher_gave_back_is_no_hand_in(
    text, told, top, inside, tmp_path
):
    inside = inside.replace(".zip", "") if ".zip" in top else inside
    made = []
    for name in SAKAIS:
        where = f"{top}/{name}".removeprefix("./")
        mine = f"{where}/Submission attachment(s)/{inside}"
        made += [File(f"{where}/timestamp.txt", text.encode()), *files(mine)]
        made += files(f"{where}/Feedback Attachment(s)/steplr.ipynb")
        own = mine.rpartition("/")[0] + "/timestamp.txt"  # which its learner may have written
        made += [File(own, b"2020-01-01 10:00:00 UTC")] * bool(told[0])
    rows, _ = collected(tmp_path / "in", tmp_path / "class", made, course=DUE_DATE)
    assert sorted(row.student for row in rows.values()) == sorted(SAKAIS)
    assert {(row.handed_in, row.late_seconds, row.unclear) for row in rows.values()} == {
        (*told, "")
    }


@pytest.mark.parametrize("kind", ["file", "comments", "editpdf", "offline"])
@pytest.mark.parametrize("between", ["/", ""])
def test_moodles_feedback_is_nobodys_hand_in(between, kind, tmp_path):
    handed_in = [f"{name}_7{n}_assignsubmission_file_/a.ipynb" for n, name in enumerate(SAKAIS)]
    given = [
        f"{name}_8{n}_assignfeedback_{kind}_{between}a.ipynb"
        for n, name in enumerate((*SAKAIS, "Eve Fox"))
    ]
    rows, _ = collected(tmp_path / "in", tmp_path / "class", files(*handed_in, *given))
    assert rows.keys() == set(handed_in)
    assert {row.unclear for row in rows.values()} == {""}


# The 1st of March (or September) 2026, 23:59, as Brightspace writes it in many languages, mostly
# without the colon that no file's name may have on Windows.
SAID = {
    3: [
        *("Mar 1, 2026 1159 PM", "March 1, 2026 1159 PM", "1 March, 2026 2359", "1 Mar 2026 2359"),
        *("1 mars 2026 2359", "1 mars 2026 23 h 59", "1 mars 2026 23h59", "Le 1 mars 2026 à 2359"),
        *("1. März 2026 2359", "1. März 2026 23.59 Uhr", "01.03.2026 2359", "1.3.2026 23 59"),
        *("1 de marzo de 2026 2359", "1 mar. 2026 1159 p. m.", "1 de março de 2026 2359"),
        *("1 maart 2026 2359", "1 mrt. 2026 2359", "1. marts 2026 2359", "1 Mart 2026 2359"),
        *("1 marzo 2026 2359", "2026年3月1日 2359", "2026年3月1日下午1159", "2026. 3. 1. 2359"),
        *("2026년 3월 1일 오후 1159", "2026-03-01 2359", "MARCH 1, 2026 1159 p.m."),
        *("2026-03-01 23:59", "Mar 1, 2026 11:59 PM"),  # where names may have a colon
    ],
    9: [
        *("Sept 1, 2026 1159 PM", "Sept. 1, 2026 1159 p.m.", "1 sept. 2026 2359"),
        *("1 septembre 2026 2359", "1. September 2026 2359", "1 de setembro de 2026 2359"),
        *("1 set 2026 2359", "1 Eylül 2026 2359", "1 settembre 2026 2359", "2026年9月1日 午後1159"),
    ],
}
SAID_OTHERWISE = [
    *("1 мартобря 2026 2359", "1 mars 2026 1159 em", "03-01-2026 2359", "Mar 1, 2026 2559"),
    *("1 mars 26 23 59 59", "1 mars 99999999 959", "Mar 1, 9999 1159 PM", "1 mars avril 2026 2359"),
]


@pytest.mark.parametrize("end", [" - a.ipynb", "/a.ipynb"])
@pytest.mark.parametrize(("month", "said"), [(n, each) for n in SAID for each in SAID[n]])
def test_brightspace_says_when_in_many_languages(month, said, end, tmp_path):
    name = f"71-12 - Jane Doe - {said}{end}"
    rows, _ = collected(tmp_path / "in", tmp_path / "class", files(name), course=DUE_DATE)
    row = rows[name]
    assert (row.student, row.told.clock) == ("Jane Doe", datetime(2026, month, 1, 23, 59))
    assert (row.handed_in, row.unclear) == (datetime(2026, month, 1, 22, 59), "")


FRENCH = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre"),
    *("octobre", "novembre", "décembre"),
)


@pytest.mark.parametrize("month", range(1, 13))
def test_months_that_begin_alike_are_told_apart(month):
    name = FRENCH[month - 1]
    assert clock(f"2 {name} 2026 905") == datetime(2026, month, 2, 9, 5)
    assert clock(f"2 {name[:4]}. 2026 905") == datetime(2026, month, 2, 9, 5)
    english = datetime(2026, month, 2)
    assert clock(f"{english:%B} 2, 2026 1205 AM") == datetime(2026, month, 2, 0, 5)
    assert clock(f"{english:%b} 2, 2026 1205 PM") == datetime(2026, month, 2, 12, 5)


@pytest.mark.parametrize("course", ["", DUE_DATE])
@pytest.mark.parametrize("said", SAID_OTHERWISE)
def test_a_time_that_is_not_understood_is_said_once(said, course, tmp_path):
    made = [f"7{n}-12 - {name} - {said} - a.ipynb" for n, name in enumerate(("Jane Doe", "Bo Li"))]
    made.append("73-12 - Eve Fox - Mar 1, 2026 1159 PM - a.ipynb")
    write_folder(files(*made), tmp_path / "in")
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / COURSE).write_text(course)
    with Collected.of(tmp_path / "in", tmp_path / "class") as found:
        assert {row.student for row in found.handed.rows} == {"Jane Doe", "Bo Li", "Eve Fox"}
        (line,) = [each for each in summary(found.handed, found.roster) if "not understood" in each]
    assert said in line and "2 files" in line and "in English" in line


@pytest.mark.parametrize("year", ["9999", "0001", "1999"])
def test_a_time_of_no_year_is_none(year, tmp_path):
    name = f"Doe_Jane/{year}1231235959_a.ipynb"
    due = DUE_DATE.replace("+01:00", "-05:00")
    rows, _ = collected(tmp_path / "in", tmp_path / "class", files(name), course=due)
    assert (rows[name].handed_in, rows[name].kept) == (None, True)


@pytest.mark.parametrize("own", ["2020-01-01 10:00:00 UTC", "2026-02-01T10:00:00+01:00"])
@pytest.mark.parametrize(
    "folder",
    [
        "HW_jdoe_attempt_2026-03-02-10-00-00_a.zip",
        "HW_jdoe_attempt_2026-03-02-10-00-00",
        "71-12 - Jane Doe - Mar 2, 2026 1000 AM - a.zip",
        "71-12 - Jane Doe - 2. März 2026 1000",
    ],
)
def test_nobody_is_in_time_by_a_timestamp_of_their_own(folder, own, tmp_path):
    made = [*files(f"{folder}/a.ipynb"), File(f"{folder}/timestamp.txt", own.encode())]
    rows, _ = collected(tmp_path / "in", tmp_path / "class", made, course=DUE_DATE)
    assert {row.late_seconds for row in rows.values() if row.lesson} == {36_060}
