"""Repeatable measurements with a printed table; none of them is a test. Start one with `./run bench NAME`."""
