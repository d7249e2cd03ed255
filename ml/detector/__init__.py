"""The trail detector itself: torch, numpy and sky only; it runs without Django (`python -m ml.detector.train`)."""
