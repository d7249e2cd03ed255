"""What the site knows of a person: shown, handed out as a file, and forgotten."""

PERSONAL = "privacy."  # kinds of jobs begin with it
