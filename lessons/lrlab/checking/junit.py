"""Verdicts as JUnit XML, which test reports of GitHub, GitLab and others read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from .notebook import Checked

# What XML 1.0 cannot hold, not even escaped. A learner's function may print anything.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
RUNS = "runs from top to bottom"


def junit(checked: Sequence[Checked]) -> bytes:
    """One test suite a notebook, one test case an exercise, and one for the notebook as a whole."""
    suites = Element("testsuites", name="lrlab check")
    for each in checked:
        suite = SubElement(
            suites,
            "testsuite",
            name=_text(each.path.as_posix()),
            tests=str(len(each.told) + 1),
            failures=str(sum(not told.right for told in each.told)),
            errors=str(int(bool(each.problem))),
            skipped="0",
            time=f"{each.seconds:.3f}",
        )
        whole = SubElement(suite, "testcase", classname=_text(each.path.stem), name=RUNS, time="0")
        if each.problem:
            SubElement(whole, "error", type="notebook", message=_text(each.problem))
        for told in each.told:
            name = {"classname": _text(each.path.stem), "name": _text(told.exercise), "time": "0"}
            case = SubElement(suite, "testcase", name)
            if not told.right:
                says = {"type": told.kind, "message": _text(told.sentence)}
                SubElement(case, "failure", says).text = _text(told.text)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)


def _text(text: str) -> str:
    return UNWRITABLE.sub("\ufffd", text)
