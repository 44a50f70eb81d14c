"""uv as the intercepted tool: what a call of it asks, what uv would make of it, and what becomes of it."""
