"""What no archive may do to whoever collects, and what may be two people is told."""

import contextlib
import io
import json
import os
import random
import stat
import tarfile
import unicodedata
import zipfile

import pytest
from handing_in import File, notebook, write_folder

from grader.batch.submissions import find
from grader.collect import archives
from grader.collect.collect import Collected
from grader.collect.source import Source
from grader.collect.table import table, told_after
from grader.errors import NothingToGrade

GOOD = notebook("steplr", "ada")


def rows(source, out):
    with Collected.of(source, out) as collected:
        collected.write()
        return {row.file: row for row in collected.handed.rows}


def a_zip(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def a_tar(path, *members, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def linked(name, to, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


def linked_in_zip(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted(path, name):
    """Flags say so; what is inside does not matter."""
    a_zip(path, (name, GOOD))
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + place] |= 1
    path.write_bytes(data)
    return path.read_bytes()


OUT = [
    *("/etc/x/steplr.ipynb", "../../x/steplr.ipynb", "eve/../../x/steplr.ipynb"),
    *("C:\\x\\steplr.ipynb", "eve\\..\\..\\..\\x\\steplr.ipynb"),
]


@pytest.mark.parametrize("make", [a_zip, a_tar])
@pytest.mark.parametrize("name", OUT)
def test_no_path_leads_out_of_an_archive(name, make, tmp_path):
    suffix = "zip" if make is a_zip else "tar.gz"
    source = make(tmp_path / f"in.{suffix}", (name, GOOD), ("ada/steplr/steplr.ipynb", GOOD))
    found = rows(source, tmp_path / "class")
    refused = [row for row in found.values() if "leads out of the archive" in row.unclear]
    assert len(refused) == 1 and not refused[0].kept
    assert found["ada/steplr/steplr.ipynb"].kept
    there = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.ipynb")}
    assert there == {"class/submitted/ada/steplr/steplr.ipynb"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_archives_are_told_and_left(kind, tmp_path):
    link = linked("eve/steplr/steplr.ipynb", "/etc/passwd", kind)
    tar = a_tar(tmp_path / "a.tar.gz", (link, b""), ("ada/steplr/steplr.ipynb", GOOD))
    packed = a_zip(
        tmp_path / "a.zip",
        (linked_in_zip("eve/steplr/steplr.ipynb"), "/etc/passwd"),
        ("ada/steplr/steplr.ipynb", GOOD),
    )
    for source in (tar, packed):
        found = rows(source, tmp_path / source.suffix)
        assert "link or a device" in found["eve/steplr/steplr.ipynb"].unclear
        assert [row.student for row in found.values() if row.kept] == ["ada"]


def test_links_in_folders_are_told_and_left(tmp_path):
    (tmp_path / "in" / "ada").mkdir(parents=True)
    (tmp_path / "in" / "ada" / "steplr.ipynb").write_bytes(GOOD)
    (tmp_path / "in" / "eve").mkdir()
    os.symlink("/etc", tmp_path / "in" / "eve" / "steplr")
    os.symlink("/etc/passwd", tmp_path / "in" / "mallory.ipynb")
    os.mkfifo(tmp_path / "in" / "eve" / "plateau.ipynb")
    found = rows(tmp_path / "in", tmp_path / "class")
    assert [file for file, row in found.items() if row.kept] == ["ada/steplr.ipynb"]
    assert "symbolic link" in found["eve/steplr"].unclear
    assert "symbolic link" in found["mallory.ipynb"].unclear
    assert "no ordinary file" in found["eve/plateau.ipynb"].unclear


def zeros(count):
    return b"\0" * count


@pytest.mark.parametrize("make", [a_zip, a_tar])
def test_a_bomb_is_refused_in_a_sentence(make, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 4 * archives.MIB)
    suffix = "zip" if make is a_zip else "tar.gz"
    bomb = make(tmp_path / f"bomb.{suffix}", ("x/steplr.ipynb", zeros(40 * archives.MIB)))
    with pytest.raises(NothingToGrade, match="unpacks to more than"):
        rows(bomb, tmp_path / "class")
    source = make(
        tmp_path / f"class.{suffix}",
        (f"eve/bomb.{suffix}", bomb.read_bytes()),
        ("ada/steplr/steplr.ipynb", GOOD),
    )
    found = rows(source, tmp_path / "class")  # one student's bomb costs nobody else anything
    assert "unpacks to more than" in found[f"eve/bomb.{suffix}"].unclear
    assert found["ada/steplr/steplr.ipynb"].kept


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("name", ["steplr.ipynb", "a.bin", ".git/objects/aa/bb"])
def test_archives_in_one_share_what_it_may_unpack_to(name, depth, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 4 * archives.MIB)
    members = (name, zeros(3 * archives.MIB)), ("plateau.ipynb", GOOD)
    inner = a_zip(tmp_path / "i.zip", *members).read_bytes()
    members = [(f"{n}.zip", inner) for n in range(20)]
    if depth == 2:
        members = [("x.zip", a_zip(tmp_path / "x.zip", *members).read_bytes())]
    eve = a_zip(tmp_path / "e.zip", *members).read_bytes()
    source = a_zip(tmp_path / "a.zip", ("eve/e.zip", eve), ("zoe/z.zip", inner))
    with Source(source, tmp_path / "class") as found:
        unpacked = [each for each in found.entries if each.name == "plateau.ipynb"]
        refused = [each for each in found.entries if "unpacks to more than" in each.problem]
    assert [each.parts[0] for each in unpacked].count("eve") == 1
    assert [each.parts[0] for each in unpacked].count("zoe") == 1
    assert len(refused) == 19


def test_all_archives_of_a_source_together_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.collect.source.MOST_UNPACKED", 4 * archives.MIB)
    inner = a_zip(tmp_path / "i.zip", ("steplr.ipynb", zeros(archives.MIB))).read_bytes()
    put(tmp_path / "in", *(f"s{n}/a.zip" for n in range(9)), content=inner)
    put(tmp_path / "in", "zoe/steplr.ipynb", content=GOOD)
    with Source(tmp_path / "in", tmp_path / "class") as found:
        assert len([each for each in found.entries if each.path]) == 5
        assert sum("unpacks to more than" in each.problem for each in found.entries) == 5


def test_a_tars_headers_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_HEADER", archives.MIB)
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("ada/steplr.ipynb")
        info.pax_headers = {"comment": "x" * (8 * archives.MIB)}
        archive.addfile(info, io.BytesIO())
    with pytest.raises(NothingToGrade, match="unpacks to more than"):
        rows(tmp_path / "a.tar.gz", tmp_path / "class")


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\3\4" + zeros(40), b"\x1f\x8b" + zeros(9)])
@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar"])
def test_what_is_no_archive_is_said(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NothingToGrade):
        rows(tmp_path / name, tmp_path / "class")


CONTENTS = [(f"s{n}/stép/x.ipynb", f"{n} {n / 7}".encode() * 99) for n in range(3)]
WRITERS = {
    **{f"zip {method}": ("a.zip", method) for method in (0, 8, 12, 14)},
    **{f"tar {mode}": ("a.tar", mode) for mode in ("w:", "w:gz", "w:bz2", "w:xz")},
}


@pytest.mark.parametrize("kind", WRITERS)
def test_whatever_bytes_of_an_archive_are_broken_it_is_read_or_refused(kind, tmp_path):
    name, how = WRITERS[kind]
    path, rng = tmp_path / name, random.Random(kind)
    if name == "a.zip":
        with zipfile.ZipFile(path, "w", how) as archive:
            for member in CONTENTS:
                archive.writestr(*member)
    else:
        a_tar(path, *CONTENTS, mode=how)
    whole = path.read_bytes()
    for _ in range(150):
        data = bytearray(whole)
        for place in rng.choices(range(len(data)), k=rng.choice([1, 2, 8])):
            data[place] = rng.choice([0, 255, data[place] ^ 1 << rng.randrange(8)])
        path.write_bytes(data)
        with contextlib.suppress(archives.Refused):
            for member in archives.members(path):
                if not (member.problem or member.is_folder):
                    with contextlib.suppress(archives.Refused):
                        member.save(tmp_path / "out", archives.MIB)
                    (tmp_path / "out").unlink(missing_ok=True)


def test_a_member_without_a_name_is_told(tmp_path):
    source = a_zip(tmp_path / "a.zip", ("x", GOOD), ("ada/steplr/steplr.ipynb", GOOD))
    data = source.read_bytes()
    start = data.index(b"PK\1\2")
    nameless = bytearray(data[start : start + 46] + data[start + 47 :])
    nameless[28] = 0
    source.write_bytes(data[:start] + nameless.replace(*_sizes(data, start), 1))
    found = rows(source, tmp_path / "class")
    assert "no name" in found["?"].unclear and found["ada/steplr/steplr.ipynb"].kept


def _sizes(data, start):
    """The size of a zip's directory at its end, before and after one byte of it was removed."""
    size = data.index(b"PK\5\6") - start
    return size.to_bytes(4, "little"), (size - 1).to_bytes(4, "little")


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_download_that_broke_off_is_said(cut, tmp_path):
    members = [
        (f"s{n}/steplr/steplr.ipynb", notebook("steplr", os.urandom(99).hex())) for n in range(9)
    ]
    for source in (a_zip(tmp_path / "a.zip", *members), a_tar(tmp_path / "a.tar.gz", *members)):
        data = source.read_bytes()
        source.write_bytes(data[: int(cut * len(data))])
        with pytest.raises(NothingToGrade, match=source.name):
            rows(source, tmp_path / "class")
    assert not (tmp_path / "class" / "submitted").exists()


def test_encrypted_members_are_told(tmp_path):
    encrypted(tmp_path / "a.zip", "eve/steplr/steplr.ipynb")
    (row,) = rows(tmp_path / "a.zip", tmp_path / "class").values()
    assert "without a password" in row.unclear and not row.kept


def test_archives_in_archives_end_somewhere(tmp_path):
    content, name = GOOD, "steplr.ipynb"
    for depth in range(6):
        a_zip(tmp_path / "x.zip", (name, content))
        content, name = (tmp_path / "x.zip").read_bytes(), f"{depth}.zip"
    a_zip(tmp_path / "class.zip", ("eve/a.zip", content), ("ada/steplr.ipynb", GOOD))
    found = rows(tmp_path / "class.zip", tmp_path / "class")
    assert [row.student for row in found.values() if row.kept] == ["ada"]
    assert any("deep" in row.unclear for row in found.values())


# --- who is who, without a roster ----------------------------------------------------------------


def put(folder, *names, content=None):
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or notebook("steplr", f"{name} {number}"))


def test_namesakes_of_an_lms_are_told_apart_and_stay_so(tmp_path):
    moodle = "{}_{}_assignsubmission_file_/steplr.ipynb"
    put(tmp_path / "first", moodle.format("Jane Doe", 100))
    (row,) = rows(tmp_path / "first", tmp_path / "class").values()
    assert row.student == "Jane Doe"
    put(tmp_path / "second", moodle.format("Jane Doe", 100), moodle.format("Jane Doe", 101))
    found = rows(tmp_path / "second", tmp_path / "class")
    assert sorted(row.student for row in found.values()) == ["Jane Doe", "Jane Doe (101)"]
    assert len(list((tmp_path / "class" / "submitted").rglob("*.ipynb"))) == 2


MOODLE = "{}_{}_assignsubmission_file_/{}"


@pytest.mark.parametrize("roster_first", [True, False])
def test_nobody_is_in_a_class_twice_when_a_roster_comes_or_changes(roster_first, tmp_path):
    """What was collected under one name is somebody's of another name, and that is told."""
    out, people = tmp_path / "class", ("Jane Doe", "John Roe")
    (tmp_path / "roster.csv").write_text("id,name\njdoe,Jane Doe\njroe,John Roe\n")
    (tmp_path / "other.csv").write_text("id,name\n17,Jane Doe\n18,John Roe\n")
    put(tmp_path / "in", MOODLE.format(people[0], 1, "a.ipynb"))
    put(tmp_path / "in", MOODLE.format(people[1], 2, "hw.pdf"))
    rosters = [tmp_path / "roster.csv" if roster_first else None, tmp_path / "other.csv"]
    written = []
    for each in rosters:
        with Collected.of(tmp_path / "in", out, each) as collected:
            written.append(collected.write(each))
    before = "jdoe" if roster_first else "Jane Doe"
    assert [each.renamed for each in written] == [{}, {before: "17"}]
    students = {path.parts[-3] for path in (out / "submitted").rglob("*.ipynb")}
    assert students == {"17"}
    if not roster_first:
        assert {path.name for path in (out / "submitted").iterdir()} == {"17", "18"}
    (said,) = told_after(written[1], [(before, "steplr"), ("17", "steplr")], out)
    assert f'grader remove "{before}"' in said
    assert not list(told_after(written[1], [("17", "steplr")], out))


def test_moodles_numbers_of_one_person_may_differ_between_lessons_and_that_is_said(tmp_path):
    for number, lesson in enumerate(("steplr", "plateau")):
        name = f"{lesson}/Jane Doe_{100 + number}_assignsubmission_file_/a.ipynb"
        put(tmp_path / "in", name, content=notebook(lesson, "jane"))
    with Collected.of(tmp_path / "in", tmp_path / "class") as collected:
        assert {row.student for row in collected.handed.rows} == {"Jane Doe"}
        assert collected.handed.numbered == ["Jane Doe"]


def test_two_canvas_users_of_one_name_are_two(tmp_path):
    put(tmp_path / "in", "doejane_1_10_steplr.ipynb", "doejane_2_11_steplr.ipynb")
    found = rows(tmp_path / "in", tmp_path / "class")
    assert sorted(row.student for row in found.values()) == ["doejane (1)", "doejane (2)"]


def test_files_of_one_name_are_attempts_and_that_is_said(tmp_path):
    put(tmp_path / "in", "Jane Doe - steplr.ipynb", "Jane Doe - steplr (1).ipynb")
    found = rows(tmp_path / "in", tmp_path / "class")
    assert {row.student for row in found.values()} == {"Jane Doe"}
    assert [row.kept for row in found.values()] == [True, False]  # "(1)" is sorted first
    assert all("attempts of one person" in row.unclear for row in found.values())


def test_one_folder_name_in_two_groups_is_told(tmp_path):
    for group in "AB":
        put(tmp_path / "in", *(f"kurs {group}/{name}{group}/steplr.ipynb" for name in "uvwxyz"))
        put(tmp_path / "in", f"kurs {group}/alice/steplr.ipynb")
    found = rows(tmp_path / "in", tmp_path / "class")
    alice = [row for row in found.values() if row.student == "alice"]
    assert len(alice) == 2 and all("several groups" in row.unclear for row in alice)
    assert len({row.student for row in found.values()}) == 13


def test_whose_it_is_must_be_said(tmp_path):
    put(tmp_path / "homework", "steplr.ipynb")
    (row,) = rows(tmp_path / "homework", tmp_path / "class").values()
    assert (row.student, row.kept) == ("", False) and "nobody's name" in row.unclear
    put(tmp_path / "jane", "lessons/steplr/steplr.ipynb")
    (row,) = rows(tmp_path / "jane", tmp_path / "class").values()
    assert (row.student, row.kept) == ("jane", True)


def test_the_lesson_is_told_by_the_cells(tmp_path):
    put(tmp_path / "in", "ada/steplr/steplr.ipynb", content=notebook("plateau", "ada"))
    (row,) = rows(tmp_path / "in", tmp_path / "class").values()
    assert row.lesson == "plateau" and "called steplr, but" in row.unclear
    assert (tmp_path / "class" / "submitted" / "ada" / "plateau" / "plateau.ipynb").exists()


@pytest.mark.parametrize("content", [b"{", json.dumps({"cells": [{"source": "1"}]}).encode()])
def test_what_is_no_lesson_is_handed_over_all_the_same(content, tmp_path):
    put(tmp_path / "in", "ada/calculus.ipynb", content=content)
    (row,) = rows(tmp_path / "in", tmp_path / "class").values()
    assert (row.student, row.lesson, row.kept) == ("ada", "", True) and row.unclear
    assert (tmp_path / "class" / "submitted" / "ada" / "calculus.ipynb").read_bytes() == content


@pytest.mark.parametrize(
    "odd", ["\n", "\r", "\x85", "\u2028", "\u202e", "\x1b[2J", os.fsdecode(b"\xe9")]
)
def test_a_file_may_be_called_anything(odd, tmp_path):
    put(tmp_path / "in", f"Jane{odd}Doe - steplr.ipynb", f"a{odd}da/steplr/steplr.ipynb")
    with Collected.of(tmp_path / "in", tmp_path / "class") as collected:
        lines = list(table(collected.handed))
        collected.write()
        assert [row.kept for row in collected.handed.rows] == [True, True]
    assert len(lines) == 3 and all(line.isprintable() for line in lines)
    told = (tmp_path / "class" / "collected.jsonl").read_text("utf-8").splitlines()
    students = {json.loads(line)["student"] for line in told}
    assert {path.name for path in (tmp_path / "class" / "submitted").iterdir()} == students
    assert len(students) == 2


def test_an_older_download_does_not_replace_a_newer_hand_in(tmp_path):
    for source, day in (("new", 9), ("old", 3), ("newest", 11)):
        put(
            tmp_path / source,
            f"inbound/ada+steplr+2026-03-0{day} 10:00:00 UTC/steplr.ipynb"
            if day < 10
            else f"inbound/ada+steplr+2026-03-{day} 10:00:00 UTC/steplr.ipynb",
            content=notebook("steplr", source),
        )
        rows(tmp_path / source, tmp_path / "class")
        there = (tmp_path / "class" / "submitted" / "ada" / "steplr" / "steplr.ipynb").read_bytes()
        assert there == notebook("steplr", "new" if source == "old" else source)
    lines = (tmp_path / "class" / "collected.jsonl").read_text().splitlines()
    kept = {json.loads(line)["source"]: json.loads(line)["kept"] for line in lines}
    assert kept == {"new": False, "old": False, "newest": True}


PEOPLE = "id,name,email\ns1,Jane Doe,jane@uni.example\ns2,John Roe,john@uni.example\n"
CALLED = (
    *("Jane Doe - steplr", "steplr - Jane Doe", "Doe, Jane - steplr", "jane_doe_steplr", "JaneDoe"),
    *("Jane Doe steplr final 2", "jane@uni.example steplr", "s1", "steplr_s1 (2)", "Jane Doe"),
    *("Copy of Jane Doe - steplr", "Jane Doe - homework 3", "2026-03-01 - Jane Doe - steplr"),
    *("Jane Doe – StepLR-Copy1", "Jane_Doe_StepLR_homework", "8812-17 - Jane Doe - steplr"),
)


@pytest.mark.parametrize("called", CALLED)
@pytest.mark.parametrize("folder", ["", "steplr/", "homework 3/", "kurs A/"])
def test_a_person_of_the_roster_is_found_in_what_a_file_is_called(called, folder, tmp_path):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "roster.csv").write_text(PEOPLE)
    put(tmp_path / "in", f"{folder}{called}.ipynb", f"{folder}john roe steplr.ipynb")
    found = rows(tmp_path / "in", tmp_path / "class")
    assert {row.student: row.kept for row in found.values()} == {"s1": True, "s2": True}
    assert not any(row.unclear for row in found.values())


@pytest.mark.parametrize(
    "inside",
    [
        *("{}.ipynb", "hw_1_2_{}.ipynb", "work/{}.ipynb", "my own/{}.ipynb", "a/b/c/{}.ipynb"),
        *("repo/lessons/{0}/{0}.ipynb", "{} (1).ipynb", "{}-Copy1.ipynb", "Jane - {}.ipynb"),
        *("{0}/{0}.ipynb", "{}_12_final.ipynb", "back up.zip/{}.ipynb", "Assignment 1/{}.ipynb"),
    ],
)
@pytest.mark.parametrize(
    "above", ["", "class of 2026/", "a/b/", "submitted/", "all.zip/submitted/"]
)
def test_a_students_folder_may_hold_anything(inside, above, tmp_path):
    """Most students do as they were told; one does not."""
    if ".zip" in above:  # no archive in an archive: the writer of this test makes none
        inside = inside.replace(".zip", "")
    names = [f"{above}{name}/steplr/steplr.ipynb" for name in ("ada", "bob", "cy", "dan", "eli")]
    files = [File(name, notebook("steplr", name)) for name in names]
    files.append(File(f"{above}eve/{inside.format('steplr')}", notebook("steplr", "eve")))
    write_folder(files, tmp_path / "in")
    found = rows(tmp_path / "in", tmp_path / "class")
    students = sorted(row.student for row in found.values() if row.kept)
    assert students == ["ada", "bob", "cy", "dan", "eli", "eve"]


THREE = ("Jane Doe", "John Roe", "Zoë Li")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
DOWNLOADS = {
    "Google Drive, in parts": [
        f"drive-download-20260301T101010Z-00{n}.zip/Week 1/{name}/steplr.ipynb"
        for n, name in zip("112", THREE)
    ],
    "OneDrive": [f"OneDrive_1_3-1-2026.zip/{name} steplr.ipynb" for name in THREE],
    "a course before the name": [f"Math 101 - {name} - steplr.ipynb" for name in THREE],
    "an exercise before the name": [f"Übung 3 - {name} - steplr.ipynb" for name in THREE],
    "an exercise in one word": [f"Serie3 - {name} - steplr.ipynb" for name in THREE],
    "weeks in another language": [f"Woche {n}/{name}/steplr.ipynb" for n in "1" for name in THREE],
    "GitHub's zips": [f"lr-{name}-main.zip/lr-{name}-main/a/steplr.ipynb" for name in THREE],
    "GitLab's zips": [f"lr-{name}-main-{COMMIT}.zip/steplr.ipynb" for name in THREE],
    "GitLab's folders": [f"x/lr-{name}-master-{COMMIT}/steplr.ipynb" for name in THREE],
    "Teams with drafts": [
        f"{kind} files/{name}/HW 1/steplr.ipynb"
        for kind in ("Submitted", "Working")
        for name in THREE
    ],
}


@pytest.mark.parametrize("roster", ["", "id,name\n" + "".join(f"{n},{n}\n" for n in THREE)])
@pytest.mark.parametrize("names", DOWNLOADS.values(), ids=DOWNLOADS)
def test_what_drives_and_hosts_write_around_a_name_is_nobodys(names, roster, tmp_path):
    write_folder([File(each, notebook("steplr", each)) for each in names], tmp_path / "in")
    (tmp_path / "class").mkdir()
    if roster:
        (tmp_path / "class" / "roster.csv").write_text(roster)
    found = rows(tmp_path / "in", tmp_path / "class")
    assert sorted(row.student for row in found.values() if row.kept) == sorted(THREE)
    assert not any(row.unclear for row in found.values())
    assert not any(row.kept for file, row in found.items() if file.startswith("Working"))


@pytest.mark.parametrize("end", ["v{}", "try {}", "({})", "steplr {}"])
def test_attempts_with_their_numbers_in_the_name_are_one_persons(end, tmp_path):
    put(tmp_path / "in", *(f"Jane Doe - {end.format(n)}.ipynb" for n in (1, 2, 3)))
    found = rows(tmp_path / "in", tmp_path / "class")
    assert {row.student for row in found.values()} == {"Jane Doe"}


@pytest.mark.parametrize("ending", ["rar", "7z", "RAR", "tar.zst"])
def test_an_archive_that_is_not_opened_is_told(ending, tmp_path):
    put(tmp_path / "in", f"ada/work.{ending}", content=b"Rar!")
    put(tmp_path / "in", "bob/steplr.ipynb", "cy/steplr.ipynb")
    found = rows(tmp_path / "in", tmp_path / "class")
    row = found[f"ada/work.{ending}"]
    assert (row.student, row.kept) == ("ada", False) and "unpack it in its place" in row.unclear
    with pytest.raises(NothingToGrade, match="cannot be unpacked here"):
        find(tmp_path / "in" / "ada" / f"work.{ending}")


USERS = {"plain": ("ada", "bob", "cy"), "underscores": ("ada_l", "bob_l", "cy", "ada_m")}


@pytest.mark.parametrize("title", ["HW", "Assignment 1", "Week_3_StepLR", "steplr", "a_ada"])
@pytest.mark.parametrize("users", USERS.values(), ids=USERS)
@pytest.mark.parametrize("roster", [False, True])
def test_blackboards_users_are_told_from_its_titles(title, users, roster, tmp_path):
    """Title and user may have underscores, and attempts differ in their time alone."""
    if roster:
        (tmp_path / "class").mkdir()
        (tmp_path / "class" / "roster.csv").write_text("id\n" + "\n".join(users))
    for day in ("09", "10"):
        name = f"{title}_{{}}_attempt_2026-03-{day}-10-00-00_steplr.ipynb"
        put(tmp_path / "in", *map(name.format, users))
    found = rows(tmp_path / "in", tmp_path / "class")
    assert {row.student for row in found.values()} == set(users)
    assert all(row.kept == ("-03-10-" in file) for file, row in found.items())
    assert not any(row.unclear for row in found.values())


NAMES_IN_ZIPS = ("Zoë Müller", "José Ibáñez", "Åsa Öberg", "Jörg Weiß", "Anaïs Lefèvre")


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp850", "cp1252"])
def test_names_in_zips_are_read_however_they_are_written(encoding, tmp_path):
    """Zips do not say in which encoding their names are, unless that is UTF-8 and they say so."""
    people = [*NAMES_IN_ZIPS, "Jane Doe", *["Ângela Ícaro"] * (encoding != "cp437")]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        names = [f"{each}_7{n}_assignsubmission_file_/a.ipynb" for n, each in enumerate(people)]
        coded = [each.encode(encoding) for each in names]
        held = [str(n).rjust(len(each), "Q") for n, each in enumerate(coded)]
        for number, name in enumerate(held):
            archive.writestr(name, notebook("steplr", str(number)))
    data = content.getvalue()
    for name, meant in zip(held, coded):
        data = data.replace(name.encode(), meant)
    (tmp_path / "in.zip").write_bytes(data)
    found = rows(tmp_path / "in.zip", tmp_path / "class")
    assert {row.student for row in found.values()} == set(people)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_that_are_written_in_two_ways_are_one_name(form, tmp_path):
    names = [unicodedata.normalize(each, "Zoë Müller") for each in ("NFC", "NFD")]
    put(tmp_path / "in", f"{names[0]}/steplr.ipynb", "bob/steplr.ipynb", "cy/steplr.ipynb")
    second = unicodedata.normalize(form, "Zoë Müller")
    put(tmp_path / "in", f"{second}/plateau.ipynb", content=notebook("plateau", "zoë"))
    found = rows(tmp_path / "in", tmp_path / "class")
    mine = {row.lesson: row.kept for row in found.values() if row.student == names[0]}
    assert mine == {"steplr": True, "plateau": True}


def test_versions_of_a_hand_in_are_attempts(tmp_path):
    for name in ("Jane Doe", "John Roe"):
        for number in (1, 2, 10):
            path = f"Submitted files/{name}/Assignment 1/Version {number}/steplr.ipynb"
            put(tmp_path / "in", path, content=notebook("steplr", f"{name} {number}"))
    found = rows(tmp_path / "in", tmp_path / "class")
    kept = {row.student: row.told.attempt for row in found.values() if row.kept}
    assert kept == {"Jane Doe": 10, "John Roe": 10}
    assert not any(row.unclear for row in found.values())


HONEST = ("ada", "bob", "cy", "dan", "eli")
UNDER_OTHER_NAMES = {
    "folders": "{name}/steplr/steplr.ipynb",
    "folders deep down": "lessons/steplr/{name}/steplr.ipynb",
    "flat files": "{name} - steplr (9).ipynb",
    "Moodle's names": "{name}_{number}_assignsubmission_file_/steplr.ipynb",
    "Canvas' names": "{name}_{number}_9_steplr-9.ipynb",
    "the exchange's names": "{name}+steplr+2099-01-01 00:00:00 UTC/steplr.ipynb",
    "Gradescope's names": "submission_{number}/steplr.ipynb",
    "archives": "{name}.zip/steplr.ipynb",
    "Blackboard's names": "HW_{name}_attempt_2099-01-01-00-00-00_steplr.ipynb",
    "Brightspace's names": "{number}-9 - {name} - Jan 1, 2099 1200 AM - steplr.ipynb",
}
TOPS = {
    "folders": "{name}",
    "moodle": "{name}_{number}_assignsubmission_file_",
    "gradescope": "export/submission_{number}",
    "exchange": "inbound/{name}+steplr+2026-03-01 10:00:00 UTC+x",
    "archives": "{name}.zip",
    "blackboard": "HW_{name}_attempt_2026-03-01-10-00-00.zip",
    "brightspace": "{number}-9 - {name} - Mar 1, 2026 1000 AM",
}


@pytest.mark.parametrize("roster", ["", "id\n" + "\n".join([*HONEST, "mallory"])])
@pytest.mark.parametrize("top", TOPS.values(), ids=TOPS)
@pytest.mark.parametrize("inside", UNDER_OTHER_NAMES.values(), ids=UNDER_OTHER_NAMES)
def test_nobody_hands_in_for_somebody_else(inside, top, roster, tmp_path):
    if ".zip" in top:
        inside = inside.replace(".zip", "")
    files, said = [], ""
    for number, name in enumerate([*HONEST, "mallory"], start=1):
        where = top.format(name=name, number=number)
        files.append(File(f"{where}/steplr.ipynb", notebook("steplr", name)))
        said += SUBMITTED_BY.format(name=name, number=number)
    evil = notebook("steplr", "evil")
    files += [
        File(f"{where}/{inside.format(name=name, number=number)}", evil)
        for number, name in enumerate([*HONEST, "zoe", "yan"], start=1)
    ]
    files.append(File("export/submission_metadata.yml", said.encode()))
    files.append(File(f"{where}/submission_metadata.yml", said.replace("mallory", "ada").encode()))
    write_folder(files, tmp_path / "in")
    (tmp_path / "class").mkdir()
    if roster:
        (tmp_path / "class" / "roster.csv").write_text(roster)
    found = rows(tmp_path / "in", tmp_path / "class")
    assert {row.student for row in found.values()} == {*HONEST, "mallory"}
    for name in HONEST:
        there = tmp_path / "class" / "submitted" / name / "steplr" / "steplr.ipynb"
        assert there.read_bytes() == notebook("steplr", name)


SUBMITTED_BY = """submission_{number}:
  :submitters:
  - :name: {name}
    :email: {name}@uni.example
  :created_at: 2026-03-01 10:00:00 Z
"""


@pytest.mark.parametrize("above", ["jane", "jane/submission_1", "jane/x"])
def test_who_handed_in_is_read_of_no_learners_file(above, tmp_path, monkeypatch):
    monkeypatch.setattr("grader.collect.times.yaml", None)  # Reading it is what costs.
    put(tmp_path / "in", f"{above}/submission_2/steplr.ipynb", "john/steplr.ipynb")
    (tmp_path / "in" / above / "submission_metadata.yml").write_text("submission_2: {}")
    found = rows(tmp_path / "in", tmp_path / "class").values()
    assert sorted(row.student for row in found) == ["jane", "john"]
