"""`python -m lrlab check NOTEBOOK…`: what a learner, or the CI of their repository, runs."""

from __future__ import annotations

import argparse
import io
import sys
import textwrap
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Check notebooks, say what came out, return 1 while something is not right.

    Raises SystemExit, with code 2, when it is called wrongly.
    """
    parser = argparse.ArgumentParser(prog="python -m lrlab")
    commands = parser.add_subparsers(required=True, metavar="check")
    check = commands.add_parser("check", help="run notebooks and print each verdict")
    check.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    check.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML, too")
    given = parser.parse_args(arguments)
    for path in given.notebooks:
        if not path.is_file():
            check.error(f"There is no file {path}: name notebooks, such as steplr/steplr.ipynb.")
    if given.junit and not given.junit.parent.is_dir():
        check.error(f"There is no folder {given.junit.parent} to write {given.junit.name} into.")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # Not every terminal has a ✓.

    from .checking.junit import junit
    from .checking.notebook import check_notebook

    checked = []
    for path in given.notebooks:
        print(path, flush=True)
        checked.append(check_notebook(path))
        for told in checked[-1].told:
            print(textwrap.indent(told.text, "  "))
        print("\n".join(filter(None, ("  " + checked[-1].words, checked[-1].problem))), flush=True)
    if given.junit:
        given.junit.write_bytes(junit(checked))
    return 0 if all(each.right for each in checked) else 1


if __name__ == "__main__":
    sys.exit(main())
