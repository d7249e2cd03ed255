"""Shows subjects to volunteers, records what they say, decides what it means, hands it out."""
