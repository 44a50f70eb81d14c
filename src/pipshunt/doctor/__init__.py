"""`pipshunt doctor`: what stands between a command and its shim, and what mends it. It changes nothing itself."""
