"""Where people talk about subjects and tag what they find."""
