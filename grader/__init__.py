"""The instructor's side: exercises with their answers, the build of the lessons, grading."""

import os
import sys
from pathlib import Path

# nbgrader and Jupyter start `alembic` and `python` by name: they must be this environment's.
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
)
