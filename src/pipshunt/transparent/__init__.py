"""Transparent mode: pip called by its path, by `sys.executable -m pip` or from a notebook is seen too."""
