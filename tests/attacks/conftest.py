"""The modules of this folder also serve the script compare.py, so they are imported by name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
