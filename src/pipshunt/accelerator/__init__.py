"""uv in pip's place: what it is asked, where it works, and whether the result is what pip would have made."""
