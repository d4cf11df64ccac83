"""An evening with 100,000 submissions, simulated from what bench_scale.py measured.

`python tests/bench/plan.py [--submissions N] [--record tests/bench/measured.json]` prints the
tables of SCALE.md. Nothing in here is typed by hand but the prices, which are assumptions.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
from collections import deque
from pathlib import Path
from typing import Any

from grader.batch.dispatch import IN_FLIGHT_PER_WORKER

RECORD = Path(__file__).with_name("measured.json")
CORES = (2, 8, 16, 32, 64, 128)
DOLLARS_PER_CORE_HOUR = 0.05  # assumed: a shared virtual core with 2 GiB, by the hour
CLUSTER_START_SECONDS = 300  # assumed: machines rented, containers pulled


def simulate(count: int, workers: int, coordinator_seconds: float, latencies: list[float]) -> float:
    """Seconds until the last of `count` submissions is written.

    Each worker has IN_FLIGHT_PER_WORKER tasks and gets the next one when the coordinator, which
    takes one result after the other, has written one of its results.
    """
    rng = random.Random(0)
    waiting = count
    tasks = [deque[float]() for _ in range(workers)]  # since when each worker has had them
    for _ in range(IN_FLIGHT_PER_WORKER):
        for worker in range(workers):
            if waiting:
                tasks[worker].append(0.0)
                waiting -= 1
    finishing: list[tuple[float, int]] = []

    def start(worker: int, now: float) -> None:
        if tasks[worker]:
            begun = max(now, tasks[worker].popleft())
            heapq.heappush(finishing, (begun + rng.choice(latencies), worker))

    for worker in range(workers):
        start(worker, 0.0)
    written = 0.0
    while finishing:
        now, worker = heapq.heappop(finishing)
        written = max(written, now) + coordinator_seconds
        idle = not tasks[worker]
        if waiting:
            waiting -= 1
            tasks[worker].append(written)
        start(worker, written if idle else now)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=100_000)
    parser.add_argument("--record", type=Path, default=RECORD)
    chosen = parser.parse_args()
    record = json.loads(chosen.record.read_text(encoding="utf-8"))
    largest = max(record["runs"], key=lambda run: run["submissions"])
    count, measured = chosen.submissions, largest["submissions"]
    coordinator = _coordinator_seconds(record["runs"])
    latencies = record["one_worker"]["latency_percentiles"]
    peaks, sizes = largest["peak_mib"], largest["bytes_each"]
    worker_gib = (peaks["worker"] + peaks["sandbox"]) / 1024
    print(f"Measured, {measured} submissions of a generated class:\n")
    print("| per submission | |\n| --- | ---: |")
    for kind, used in sorted(largest["cpu_seconds"].items()):
        print(
            f"| CPU of the {kind} processes, start-up included | {used / measured * 1000:.0f} ms |"
        )
    print(f"| CPU of the coordinator, each further one | {coordinator * 1000:.1f} ms |")
    for name, size in sizes.items():
        print(f"| bytes: {name} | {size:,.0f} |")
    print(f"\n{count:,} submissions, simulated:\n")
    print("| cores | hours | a second | coordinator busy | memory GiB | network Mbit/s | dollars |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    network = sum(sizes[name] for name in ("submission", "notebook", "feedback", "line"))
    for cores in CORES:
        workers = max(cores - 1, 1)  # one core for the coordinator
        seconds = simulate(count, workers, coordinator, latencies)
        hours, rate = seconds / 3600, count / seconds
        dollars = cores * (hours + CLUSTER_START_SECONDS / 3600) * DOLLARS_PER_CORE_HOUR
        memory = workers * worker_gib + peaks["coordinator"] / 1024
        print(
            f"| {cores} | {hours:.2f} | {rate:.0f} | {rate * coordinator:.0%} | {memory:.0f} "
            f"| {rate * network * 8 / 1e6:.0f} | {dollars:.2f} |"
        )
    print(f"\nOne coordinator writes {1 / coordinator:.0f} submissions a second at most.")
    disk = sum(size for name, size in sizes.items() if name != "submission")
    print(f"On disk afterwards: {count * disk / 2**30:.1f} GiB.")


def _coordinator_seconds(runs: list[dict[str, Any]]) -> float:
    """CPU seconds of the coordinator for each further submission: between two sizes of class."""
    small, *_, large = sorted(runs, key=lambda run: run["submissions"])
    more = large["cpu_seconds"]["coordinator"] - small["cpu_seconds"]["coordinator"]
    return more / (large["submissions"] - small["submissions"])


if __name__ == "__main__":
    main()
