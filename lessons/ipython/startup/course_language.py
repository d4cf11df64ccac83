"""Run by IPython in every kernel of the environment in which the lessons are installed.

JupyterLab writes into a notebook that it opens what the kernel says of its language, with Python's
version. A lesson that was only looked at would be changed by this, and ask to be saved. So a lesson
says the same without a version, and the kernel that is started for it repeats that. A notebook that
says a version, as all others do, is left alone.
"""


def _speak_as_the_lesson() -> None:
    import json
    import os
    from contextlib import suppress
    from pathlib import Path

    notebook = Path(os.environ.get("JPY_SESSION_NAME", ""))  # Jupyter's, where it opens one.
    kernel = getattr(get_ipython(), "kernel", None)  # noqa: F821 as IPython defines it
    if kernel is None or notebook.suffix != ".ipynb":
        return
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        said = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["language_info"]
        if said == {name: each for name, each in kernel.language_info.items() if name != "version"}:
            kernel.language_info = said


_speak_as_the_lesson()
del _speak_as_the_lesson
