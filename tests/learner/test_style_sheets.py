"""What our style sheets cost a page, whatever else is open in it."""

import re
from pathlib import Path

import lrlab
from lrlab.explore.base import STILL

SHEETS = [sheet.read_text(encoding="utf-8") for sheet in Path(lrlab.__file__).parent.rglob("*.css")]
ASKED = re.compile(r"([^\s,>+~]*):has\(")  # what must have something inside
SMALL = re.compile(r"\.(jp-(Cell|CodeCell|OutputArea-child|RenderedHTML)|lrlab-[\w-]+)\b")


def test_no_rule_asks_a_whole_page_or_notebook_what_is_in_it():
    """`:has()` there has a browser style every cell anew at each change of one."""
    asked = [found for sheet in (*SHEETS, STILL) for found in ASKED.findall(sheet)]
    assert asked
    assert [each for each in asked if not SMALL.search(each)] == []
