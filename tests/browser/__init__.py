"""A package, so that its JupyterLab and its browser end with its last test, not with the run."""
