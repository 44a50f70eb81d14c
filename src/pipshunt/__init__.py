"""pipshunt: pip, shunted onto the right track (PEP 668)."""

__version__ = "0.1.0"
