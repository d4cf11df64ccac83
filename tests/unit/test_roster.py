"""The lists of a class that people have are read as they are."""

import unicodedata

import pytest
from nbgrader import api

from grader.batch import roster
from grader.batch.persons import Person, Roster
from grader.errors import CannotBegin

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,steplr (881),Final Score\n"
    "    Points Possible,,,,,20,(read only)\n"
    '"Doe, Jane",7001,S1,jdoe,A,12,60\n"Doe, Jane",7002,S2,jdoe2,B,,\n'
    '"Student, Test",7999,,abc,A,,\n'
)
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade)\n"
    "Participant 90001,Jane Doe,jane@uni.example,Submitted,-,20,-\n"
    "Participant 90002,Jane Doe,jane2@uni.example,,-,20,-\n"
)
PARTICIPANTS = (
    '"First name",Surname,"ID number","Email address",Groups\nZoë,"O\'Neil",S3,zoe@uni.example,B\n'
)
TWO = [("jdoe", "Jane Doe", "", "A"), ("jdoe2", "Jane Doe", "", "B")]
FORMS = {
    "Canvas' gradebook": (CANVAS, TWO),
    "Moodle's worksheet": (
        WORKSHEET,
        [
            ("jane@uni.example", "Jane Doe", "jane@uni.example", ""),
            ("jane2@uni.example", "Jane Doe", "jane2@uni.example", ""),
        ],
    ),
    "Moodle's participants": (
        PARTICIPANTS,
        [("zoe@uni.example", "Zoë O'Neil", "zoe@uni.example", "B")],
    ),
    "a table of one's own": (
        "ID;Name;E-Mail;Section\ns1;Zoë O'Neil;z@uni.example;A\n\n",
        [("s1", "Zoë O'Neil", "z@uni.example", "A")],
    ),
    "names alone": (
        "name\nJane Doe\nLi, Bo\n",
        [("Jane Doe", "Jane Doe", "", ""), ("Bo Li", "Bo Li", "", "")],
    ),
    "one in two sections": (
        "id\tname\tsection\ns1\tAda\tA\ns1\tAda\tB\n",
        [("s1", "Ada", "", "A")],
    ),
}
BRIGHTSPACE = (
    "OrgDefinedId,Username,Last Name,First Name,Email,StepLR Points Grade <Numeric MaxPoints:20>,"
    "End-of-Line Indicator\n#12345,#jdoe,Doe,Jane,jane@uni.example,,#\n"
)
SAKAI = (
    '"Week 3","Points"\n""\n"Display ID","ID","Last Name","First Name","grade"\n'
    '"jdoe","jdoe","Doe","Jane",""\n'
)
CLASSROOM = "Last Name,First Name,Email Address,hw\nDate,,,2/1\nPoints,,,20\nDoe,Jane,j@x,\n"
JANE = [("jdoe", "Jane Doe", "", "")]
FORMS |= {
    "Brightspace's grades": (BRIGHTSPACE, [("jdoe", "Jane Doe", "jane@uni.example", "")]),
    "Sakai's grades": (SAKAI, JANE),
    "Google Classroom's grades": (CLASSROOM, [("j@x", "Jane Doe", "j@x", "")]),
    "a title above": ("Course 101, spring,\n\nid,name\njdoe,Jane Doe\n", JANE),
    "a title alone above": ("Course 101\nid;name\njdoe;Jane Doe\n", JANE),
    "Excel's word for the separator": ("sep=;\nid;name\njdoe;Jane Doe\n", JANE),
    "spaces before quotes": ('"id", "name"\n"jdoe", "Doe, Jane"\n', JANE),
    "a heading of two lines": ('id,name,"hw\n1"\njdoe,Jane Doe,\n', JANE),
    "Moodle's participants in German": (
        "Vorname;Nachname;ID-Nummer;E-Mail-Adresse;Gruppen\nZoë;Weiß;S3;z@x;B\n",
        [("z@x", "Zoë Weiß", "z@x", "B")],
    ),
    "Moodle's participants in French": (
        "Prénom,Nom de famille,Numéro d'identification,Adresse de courriel\nZoë,Weiß,S3,z@x\n",
        [("z@x", "Zoë Weiß", "z@x", "")],
    ),
}
ZOE = [("Müller", "Zoë"), ("Müller", "Ida")]
PARTS = {  # the headings of a last and a first name, as people write them
    "German": ("Name", "Vorname"),
    "English": ("Name", "First name"),
    "English, the first name first": ("Surname", "Name"),
    "Italian": ("Cognome", "Nome"),
    "Polish": ("Nazwisko", "Imię"),
    "Turkish": ("Soyadı", "Adı"),
    "Russian": ("Фамилия", "Имя"),
    "Japanese": ("姓", "名"),
}
NUMBERS = (
    *("Matrikelnr.", "Matrikel-Nr", "MATRIKELNUMMER", "Matr.-Nr.", "Student No.", "Student Number"),
    *("Nr", "No.", "SID", "Numéro étudiant", "N° étudiant", "Número de matrícula", "Matrícula"),
    *(
        "Nº de matrícula",
        "Matricola",
        "Studentnummer",
        "Nr albumu",
        "Öğrenci No",
        "学号",
        "学籍番号",
    ),
    *("학번", "Номер студенческого билета", "Roll No.", "Registration number"),
)


def _read(path, rows):
    path.write_text("".join(";".join(row) + "\n" for row in rows))
    return roster.read(path).people


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_people_keep_their_names_and_numbers(parts, number, form, tmp_path):
    heads = [unicodedata.normalize(form, each) for each in (number, *parts)]
    people = _read(tmp_path / "a.csv", [heads, ("4711", *ZOE[0]), ("4712", *ZOE[1])])
    assert [each.name for each in people] == ["Zoë Müller", "Ida Müller"]
    assert [each.student for each in people] == ["4711", "4712"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_a_number_that_counts_the_rows_is_no_id(order, tmp_path):
    """The next list may count them otherwise."""
    rows = [(str(n + 1), name) for n, name in zip(order, ("Ada", "Bo", "Cy"))]
    people = _read(tmp_path / "a.csv", [("Nr.", "Name"), *rows])
    assert [each.student for each in people] == ["Ada", "Bo", "Cy"]


@pytest.mark.parametrize("name", ["Zoë Müller", "Müller, Zoë"])
def test_a_whole_name_beside_a_part_of_it_stays_whole(name, tmp_path):
    for part in (("First name", "Zoë"), ("Last name", "Müller")):
        people = _read(tmp_path / "a.csv", [("id", "Name", part[0]), ("s1", name, part[1])])
        assert people == (Person("s1", "Zoë Müller"),)


SAME = ["Jane Doe", "A"]
MERGED = {  # headings, and what makes two rows differ
    "a column of no known name": (["Name", "Section", "Pupil"], ["1001", "1002"]),
    "nothing": (["Name", "Section", "Pupil"], ["", ""]),
    "a number that counts the rows": (["Name", "Section", "Nr"], ["1", "2"]),
}


@pytest.mark.parametrize(("heads", "cells"), MERGED.values(), ids=MERGED)
def test_two_of_one_name_are_not_made_one(heads, cells, tmp_path):
    with pytest.raises(CannotBegin) as refused:
        _read(tmp_path / "a.csv", [heads, *([*SAME, cell] for cell in cells)])
    assert "'Jane Doe' to two people, in lines 2 and 3: give each an id" in str(refused.value)
    assert f"Not understood: {heads[2]}" in str(refused.value)


def test_ids_that_differ_in_what_no_folder_can_be_called_are_two(tmp_path):
    with pytest.raises(CannotBegin, match="to two people, in lines 2 and 3"):
        _read(tmp_path / "a.csv", [("id", "name"), ("a/b", "Jane"), ("a-b", "Jane")])


@pytest.mark.parametrize("what", ["id", "login", "email", "Student No."])
def test_one_person_in_two_sections_is_one(what, tmp_path):
    rows = [(what, "name", "section"), ("s1", "Jane", "A"), ("s1", "Jane", "B")]
    assert [each.student for each in _read(tmp_path / "a.csv", rows)] == ["s1"]


ROLES = {  # the heading of a role, students' and others'
    "Moodle": ("Roles", "Student", ["Teacher", "Non-editing teacher", "Manager, Teacher"]),
    "Moodle in German": ("Rollen", "Teilnehmer/in", ["Trainer/in"]),
    "Gradescope": ("Role", "Student", ["TA", "Instructor", "Reader"]),
    "a course that has other words": ("Role", "Fellow, TA", ["Staff"]),
}


@pytest.mark.parametrize(("head", "student", "others"), ROLES.values(), ids=ROLES)
def test_staff_are_no_students_and_that_is_told_once(head, student, others, tmp_path, caplog):
    rows = [(f"t{n}", f"Ann T{n}", role) for n, role in enumerate(others)]
    path = tmp_path / "a.csv"
    people = _read(
        path, [("id", "name", head), *rows, ("s1", "Jane", student), ("s2", "Bo Teacher", "")]
    )
    assert [each.student for each in people] == ["s1", "s2"]
    assert roster.keep(path, tmp_path / "class").people == people
    (told,) = caplog.messages
    assert f"{path} has rows of no student, which are left out, {len(rows)}: {others[0]} in" in told


NOBODY = {
    "Blackboard's preview": ("jane_previewuser", "Jane_PreviewUser Doe_PreviewUser", "jane@x"),
    "Brightspace's": ("#demo.student", "Demo Student", ""),
    "Brightspace's without a dot": ("DemoStudent7", "Demo Student", "demostudent7@x"),
    "Canvas'": ("9a0b", "Student, Test", ""),
    "Canvas' in the other order": ("9a0b", "Test Student", ""),
    "a total among the names": ("", "Total", ""),
    "a total among the ids": ("TOTAL", "", ""),
    "points": ("", "    Points Possible", ""),
    "an average": ("", "Class Average", ""),
}


@pytest.mark.parametrize("row", NOBODY.values(), ids=NOBODY)
def test_what_an_lms_adds_to_a_class_is_nobody_and_that_is_told(row, tmp_path, caplog):
    path = tmp_path / "a.csv"
    jane = ("jane", "Jane Total", "jane@uni.example")
    people = _read(path, [("username", "name", "email"), jane, row, ("", "", "")])
    assert [each.student for each in people] == ["jane"]
    assert f"{path} has rows of no student, which are left out, 1: " in caplog.text
    assert " in line 3." in caplog.text


@pytest.mark.parametrize("column", ["id", "Student No.", "login", "Nr"])
@pytest.mark.parametrize(
    ("cells", "ids"),
    [
        (['="00123"', '="00007"'], ["00123", "00007"]),
        (['"=""00123"""', "00007"], ["00123", "00007"]),
        (["12345.0", "777"], ["12345", "777"]),
        (["12345.0", "777,0"], ["12345", "777"]),
        (["12345.0", "a777"], ["12345.0", "a777"]),
        (["1.5", "12345.0"], ["1.5", "12345.0"]),
        (["4E11", "12e5"], ["4E11", "12e5"]),
    ],
)
def test_ids_are_what_they_were_before_a_spreadsheet(cells, ids, column, tmp_path):
    rows = [(each, name) for each, name in zip(cells, ("Jane", "Bo"))]
    people = _read(tmp_path / "a.csv", [(column, "name"), *rows])
    assert [each.student for each in people] == ids


@pytest.mark.parametrize("column", ["id", "Student No.", "login", "identifier"])
@pytest.mark.parametrize("cell", ["1,23457E+11", "1.23E+11", "1E+15", "1.2e+5"])
def test_an_id_that_a_spreadsheet_has_rounded_is_refused(cell, column, tmp_path):
    rows = [(column, "name", "email"), ("1", "Bo", "b@x"), (cell, "Jane", "j@x")]
    with pytest.raises(CannotBegin) as refused:
        _read(tmp_path / "a.csv", rows)
    assert f"has {cell} for an id in line 3: a spreadsheet has rounded" in str(refused.value)


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=FORMS)
def test_a_list_is_read_as_it_is(text, expected, ends, encoding, tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(text.replace("\n", ends).encode(encoding))
    people = roster.keep(path, tmp_path / "class").people
    assert [(each.student, each.name, each.email, each.section) for each in people] == expected
    assert roster.load(tmp_path / "class").people == people  # what is kept says the same


@pytest.mark.parametrize("columns", ["Student ID\tUsername", "Username\tStudent ID"])
def test_people_are_found_by_each_of_their_ids(columns, tmp_path):
    ids = {"Student ID": "00123", "Username": "jdoe"}
    row = "\t".join(ids[each] for each in columns.split("\t"))
    (tmp_path / "a.csv").write_text(f"Last Name\tFirst Name\t{columns}\nDoe\tJane\t{row}\n")
    found = roster.read(tmp_path / "a.csv")
    assert [found.find(each) for each in ids.values()] == [list(found.people)] * 2


def test_ids_of_an_lms_are_kept(tmp_path):
    (tmp_path / "a.csv").write_text(CANVAS)
    first, second = roster.read(tmp_path / "a.csv").people
    assert (first.lms_id, first.sis_id, first.login) == ("7001", "S1", "jdoe")
    assert second.lms_id == "7002"
    (tmp_path / "a.csv").write_text(WORKSHEET)
    assert [each.lms_id for each in roster.read(tmp_path / "a.csv").people] == ["90001", "90002"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no column called"),
        ("grade,points\n1,2\n", "its columns are: grade, points"),
        ("id,name\ns1,Ada\ns1,Bob\n", "'s1' to two people, in lines 2 and 3"),
        ('id,name\n"s1,Ada\n', "cannot be read|no column|no table"),
        ("id,name\n", "nobody below"),
        ("PK\x03\x04\x14\0\6\0", "save it as CSV"),
    ],
)
def test_what_is_no_list_gets_a_sentence(text, sentence, tmp_path):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(CannotBegin, match=sentence):
        roster.read(tmp_path / "a.csv")


def test_a_name_that_is_a_formula_stays_text(tmp_path):
    (tmp_path / "a.csv").write_text('id,name\ns1,"=HYPERLINK(1)"\n')
    people = roster.keep(tmp_path / "a.csv", tmp_path / "class").people
    assert "'=HYPERLINK" in (tmp_path / "class" / "roster.csv").read_text()
    assert roster.load(tmp_path / "class").people == people


PEOPLE = Roster(
    [
        Person("s1", "José María de la Cruz", "jose@uni.example", lms_id="1", login="jcruz"),
        Person("s2", "Jane Doe", "jane@uni.example", lms_id="2"),
        Person("s3", "Jane Doe", "jane2@uni.example", lms_id="3", sis_id="S3"),
        Person("s4", "Bo Li", "bo.li@uni.example", "B 12", sis_id="44321", login="12"),
    ]
)


@pytest.mark.parametrize(
    ("asked", "students"),
    [
        *[({"name": name}, ["s1"]) for name in ("s1", "JCRUZ", "jose", "Jose@uni.example")],
        *[({"name": name}, ["s1"]) for name in ("jose maria DE LA CRUZ", "delacruzjosemaría")],
        ({"name": "Jane Doe"}, ["s2", "s3"]),
        ({"name": "doejane", "lms_id": "3"}, ["s3"]),
        ({"name": "Jane Doe", "lms_id": "1"}, ["s2", "s3"]),  # somebody else's number
        ({"name": "Participant 2", "lms_id": "2"}, ["s2"]),
        ({"name": "Jane Doe", "email": "jane2@uni.example"}, ["s3"]),
        ({"name": "Jane", "sis_id": "S3"}, ["s3"]),
        ({"name": "Jane D."}, []),
        *[({"name": name}, ["s1"]) for name in ("Cruz, José María de la (jcruz)", "X_jcruz"[2:])],
        *[({"name": name}, ["s4"]) for name in ("Li_Bo_bo.li_262", "Team 3-Bo Li", "B Bo Li 7")],
        *[({"name": name}, []) for name in ("Jane Doe Smith", "bo", "Anna-Bo Li", "Bo", "Li 12")],
        *[({"name": name}, []) for name in ("group 12", "B 12", "12345", "Bo Li, Jane Doe")],
        ({"name": "Li (44321)"}, ["s4"]),
        ({"name": ""}, []),
    ],
)
def test_people_are_found_by_what_is_said_of_them(asked, students):
    assert [each.student for each in PEOPLE.find(**asked)] == students


SAYS = {  # a person of whom the one rank says the word, and nothing else does
    "student": {"student": "jane"},
    "login": {"login": "jane"},
    "sis_id": {"sis_id": "jane"},
    "email": {"email": "jane"},
    "prefix": {"email": "jane@y.org"},
    "name": {"name": "jane"},
}
ORDER = {"student": 0, "login": 1, "sis_id": 1, "email": 2, "prefix": 3, "name": 4}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("surer", "other"), [(a, b) for a in ORDER for b in ORDER if ORDER[a] < ORDER[b]]
)
def test_of_two_people_the_one_is_meant_whose_id_says_it_more_surely(surer, other, turned):
    first = Person(**({"student": "s1", "name": "Ada King"} | SAYS[surer]))
    second = Person(**({"student": "s2", "name": "Bo Li"} | SAYS[other]))
    found = Roster([second, first] if turned else [first, second])
    assert found.find("Jane") == [first]


def test_ids_of_one_rank_that_two_people_share_tell_nobody():
    people = [Person("s1", login="jane"), Person("s2", sis_id="jane")]
    assert Roster(people).find("jane") == people


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("what", ["student", "login", "sis_id", "email", "name"])
def test_accents_are_the_same_however_a_system_writes_them(what, form):
    person = Person(**({"student": "s1"} | {what: "Zoë"}))
    assert Roster([person]).find(unicodedata.normalize(form, "Zoë")) == [person]


def test_without_a_list_nbgraders_students_with_a_name_are_the_class(tmp_path):
    assert not roster.load(tmp_path)
    with api.Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "lr-scheduling") as book:
        book.add_student("s1", first_name="Ada", last_name="King", email="a@b.org")
        book.add_student("s2")  # known for a hand-in only
    assert roster.load(tmp_path).people == (Person("s1", "Ada King", "a@b.org"),)
    for nowhere in ("nonsense", "nobody+knows://x", f"sqlite:///{tmp_path}/none/x.db"):
        assert not roster.load(tmp_path, nowhere)
    assert not (tmp_path / "none").exists()
