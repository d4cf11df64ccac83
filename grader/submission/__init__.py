"""One submission: its bytes assembled, run behind the wall, and judged."""
