"""Run by IPython in every kernel of the environment in which the lessons are installed.

After a restart the first cell that a learner runs may be any: it then says which one comes first.
Nothing of lrlab is imported, because a lesson brings the lrlab that lies beside it.
"""


def _explain_missing_names() -> None:
    from importlib.util import find_spec, module_from_spec, spec_from_file_location
    from pathlib import Path

    package = find_spec("lrlab")
    if package is None or package.origin is None:
        return
    path = Path(package.origin).parent / "checking" / "names.py"
    spec = spec_from_file_location("lrlab_names", path)
    if spec is not None and spec.loader is not None and path.exists():
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.explain_missing(get_ipython())  # noqa: F821 as IPython defines it


_explain_missing_names()
del _explain_missing_names
