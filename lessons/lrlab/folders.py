"""Where the lessons lie whose checks and recorded runs this lrlab uses."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
INSTALLED = PACKAGE / "lessons"  # only the wheel has it; hatch_build.py puts it there
LESSONS = INSTALLED if INSTALLED.is_dir() else PACKAGE.parent
