"""Setting pipshunt up: the engine's folder, the shims, the shells' profiles."""
