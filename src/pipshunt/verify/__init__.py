"""`pipshunt verify`: what was asked for works in the Python that `python3` is here; the OS's is unchanged."""
