"""Properties are tried without a clock, so that a busy machine cannot make them fail."""

from hypothesis import settings

settings.register_profile("sky", deadline=None, derandomize=True, database=None)
settings.load_profile("sky")
