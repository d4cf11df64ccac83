"""Whoever is only a number is somebody, a date is nobody, and no source is all of its students."""

import random
from datetime import datetime

import pytest
from handing_in import File, commit, notebook, write_folder

from grader.collect.collect import Collected
from grader.collect.names import person_in

RNG = random.Random(1)
# Each # is a digit: of Switzerland, Korea, Denmark and others.
FORMS = ["19-###-###", "2021-#####", "######-####", "1-##-####-##", "##-#######", "###-##-####"]
IDS = {
    form: ["".join(RNG.choice("456789") if sign == "#" else sign for sign in form) for _ in "123"]
    for form in FORMS
}
PLACES = {
    "folders": "{}/steplr/steplr.ipynb",
    "folders of lessons": "steplr/{}/steplr.ipynb",
    "folders called after a lesson": "steplr-{}/steplr.ipynb",
    "files": "{} - steplr.ipynb",
    "files of a lesson": "steplr_{}.ipynb",
    "archives": "{}.zip/steplr.ipynb",
}
DATES = [
    *("2026-03-01", "2026-3-1", "2026.03.01", "01.03.2026", "1-3-2026", "3-1-26", "2026-03"),
    *("2025-2026", "2025-26", "20260301_1200", "20260301-120000", "20260301T1200", "20260301 1200"),
    *("2026-03-01_12-00", "2026-03-01 12.00", "2026-03-01T12-00-00", "2026-03-01-1200", "1-2"),
    *("12:30-13:30", "2026_03_01", "2026-03-01 12h30"),
]


def collected(source, out, roster=""):
    out.mkdir()
    if roster:
        (out / "roster.csv").write_text(roster)
    with Collected.of(source, out) as found:
        found.write()
        return found.handed.rows


def put(folder, *names):
    write_folder([File(name, notebook("steplr", name)) for name in names], folder)


@pytest.mark.parametrize("source", ["hw-spring", "submitted", "download.zip"])
@pytest.mark.parametrize("others", [[], ["ada", "bob"]], ids=["alone", "beside names"])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("ids", IDS.values(), ids=IDS)
def test_ids_with_dashes_are_people(ids, place, others, source, tmp_path):
    if ".zip" in source:
        place = place.replace(".zip", "")
    top = f"{source}/" if ".zip" in source else ""
    folder = tmp_path if top else tmp_path / source
    put(folder, *(top + place.format(each) for each in [*ids, *others]))
    rows = collected(tmp_path / source, tmp_path / "class")
    assert sorted(row.student for row in rows if row.kept) == sorted([*ids, *others])
    assert not any(row.unclear for row in rows)


@pytest.mark.parametrize("prefix", ["steplr-", "lr-hw-1-", "autumn-"])
def test_repositories_that_are_called_after_an_id_keep_all_of_it(prefix, tmp_path):
    ids = IDS["2021-#####"]
    put(tmp_path / "in", *(f"{prefix}{each}/steplr.ipynb" for each in ids))
    for each in ids:
        commit(tmp_path / "in" / f"{prefix}{each}", datetime(2026, 3, 1))
    rows = collected(tmp_path / "in", tmp_path / "class")
    assert sorted(row.student for row in rows if row.kept) == sorted(ids)


@pytest.mark.parametrize("around", ["{}", "steplr {}", "{} - steplr", "steplr_{} (1)", "hw - {}"])
@pytest.mark.parametrize("date", DATES)
def test_a_date_is_nobodys_name(date, around):
    assert person_in(around.format(date)) == ""
    assert person_in(f"{date} - Jane Doe - steplr") == "Jane Doe"


@pytest.mark.parametrize("number", [*(some[0] for some in IDS.values()), "8812-17"])
def test_a_name_says_more_than_the_number_beside_it(number):
    for name in (f"{number} - Jane Doe - steplr", f"Jane Doe - {number} - steplr"):
        assert person_in(name) == "Jane Doe"


@pytest.mark.parametrize("beside", ["2026-03-02/", "steplr-2026-03-02/", "ada/", "ada/steplr/"])
@pytest.mark.parametrize("known", [False, True])
def test_a_sources_name_is_nobodys_where_its_folders_tell_people_apart(beside, known, tmp_path):
    top = beside.replace("02", "01").replace("ada/", "")
    put(tmp_path / "spring", f"{top}steplr.ipynb", f"{beside}steplr.ipynb")
    rows = collected(tmp_path / "spring", tmp_path / "class", "id\nspring\n" if known else "")
    (row,) = [row for row in rows if row.file == f"{top}steplr.ipynb"]
    assert row.student == ("spring" if known else "")
    assert ("nobody's name is on it" in row.unclear) != known
    assert not any(row.student == "spring" for row in rows if not known)


@pytest.mark.parametrize(
    "inside", ["", "steplr/", "work/lessons/steplr/", "2026-03-01/", "week 1/", "backup/", "src/"]
)
def test_a_source_is_a_person_where_nothing_in_it_is_anybody_elses(inside, tmp_path):
    put(tmp_path / "jane", f"{inside}steplr.ipynb", "steplr/steplr.ipynb")
    rows = collected(tmp_path / "jane", tmp_path / "class")
    assert {row.student for row in rows} == {"jane"}
