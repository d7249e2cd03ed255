"""The lab: pages where the team makes and edits workflows, their tutorials, and the field guide."""
