"""What collect takes from a download goes back as feedback under the names that it had there."""

import csv
from dataclasses import asdict
from pathlib import PurePosixPath
from zipfile import ZipFile

import handing_in
import pytest
from typer.testing import CliRunner

from grader.__main__ import app
from grader.batch.roster import ROSTER
from grader.collect.collect import Collected

SHAPES = {
    "moodle": handing_in.moodle,
    "moodle, flat": handing_in.moodle_flat,
    "canvas": handing_in.canvas,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_feedback_for_60_goes_back_under_the_names_of_the_download(shape, tmp_path):
    lms = shape.partition(",")[0]
    persons = handing_in.people(lms)
    files = [file for file in SHAPES[shape](persons) if file.listed]
    source, out = tmp_path / "download", tmp_path / "class"
    out.mkdir()
    handing_in.write_folder(files, source)
    with (out / ROSTER).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, asdict(persons[0]))
        writer.writeheader()
        writer.writerows(map(asdict, persons))
    with Collected.of(source, out) as collected:
        collected.write()
    (out / "results.jsonl").touch()
    expected: dict[str, dict[str, str]] = {}
    for each in files:
        if each.kept:
            page = out / "feedback" / each.student / each.lesson / f"{each.lesson}.html"
            page.parent.mkdir(parents=True)
            page.write_text(f"{each.student} {each.lesson}")
            path = PurePosixPath(each.path)
            name = (
                f"{path.parent.name}/{each.lesson}.html"
                if shape == "moodle"
                else f"{path.stem}.html"
            )
            expected.setdefault(each.lesson, {})[name] = page.read_text()
    command = ["export", "feedback", lms, "--out", str(out), "-o", str(tmp_path / "back.zip")]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    for lesson, pages in expected.items():
        with ZipFile(tmp_path / f"back-{lesson}.zip") as archive:
            assert {name: archive.read(name).decode() for name in archive.namelist()} == pages
    assert done.output.startswith(f"{sum(map(len, expected.values()))} pages: ")
