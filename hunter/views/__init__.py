"""Pages that show more than one room: each calls the rooms' selectors and includes their fragments."""
