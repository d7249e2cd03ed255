"""Pages of the room: reading, writing, and the part of a subject's page that belongs to Talk."""
