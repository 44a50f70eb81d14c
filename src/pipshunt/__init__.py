"""pipshunt: pip, shunted onto the right track (PEP 668)."""

import os

__version__ = "0.1.0"
# The engine is reached by a link, which an upgrade turns: what has begun with one engine imports the rest of it, too.
__path__ = [os.path.realpath(folder) for folder in __path__]
