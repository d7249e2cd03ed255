"""Hunter's tests; the tree mirrors the code."""
