"""What `import lrlab` adds to a notebook: seconds in fresh processes, and the ratio to torch's.

Run: python tests/bench/bench_import.py [ROUNDS]
"""

import statistics
import subprocess
import sys

TORCH = "import torch"
CASES = {
    "import lrlab": "import lrlab",
    "from lrlab import check": "from lrlab import check",
    "from lrlab import load_mnist, train": "from lrlab import load_mnist, train",
    "from lrlab import explore_steplr": "from lrlab import explore_steplr",
}


def seconds(statement: str) -> float:
    """Of the statement alone, without Python's own start."""
    code = f"import time; t = time.perf_counter()\n{statement}\nprint(time.perf_counter() - t)"
    return float(subprocess.check_output([sys.executable, "-c", code], text=True))


def main(rounds: int) -> None:
    seconds(TORCH)  # warms the disk cache
    rows = [
        {name: seconds(s) for name, s in {TORCH: TORCH, **CASES}.items()} for _ in range(rounds)
    ]
    for name in rows[0]:
        middle = statistics.median(r[name] for r in rows)
        ratio = statistics.median(r[name] / r[TORCH] for r in rows)
        print(f"{name:38} {middle:7.3f} s   {ratio:6.3f} x import torch")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
