"""Workers on this machine are Python's and the grader's own, wherever the command is run."""

import subprocess
import sys

from grader import paths

# A program in a folder of its own, as pip's script of a command is: Python does not look beside it.
PROGRAM = """
import multiprocessing, os

if __name__ == "__main__":
    from grader.batch.cluster import no_modules_of_this_folder

    with no_modules_of_this_folder():
        context = multiprocessing.get_context("spawn")
        context.Queue()  # brings a helper that is started, too
        worker = context.Process(target=os.getpid)
        worker.start()
        worker.join()
    print(worker.exitcode, os.environ.get("PYTHONSAFEPATH"))
"""


def test_what_is_started_imports_nothing_from_the_folder_of_hand_ins(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "program").write_text(PROGRAM)
    handed_in = tmp_path / "submitted"
    handed_in.mkdir()
    for name in ("multiprocessing", "struct", "socket", "distributed", "dask", "grader"):
        (handed_in / f"{name}.py").write_text("open('ran', 'w')\nraise SystemExit(1)")
    done = subprocess.run(
        [sys.executable, tmp_path / "bin" / "program"],
        cwd=handed_in,
        env={"PYTHONPATH": f"{paths.ROOT}:{paths.LESSONS}"},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, (handed_in / "ran").exists()) == ("0 None\n", False), done.stderr
