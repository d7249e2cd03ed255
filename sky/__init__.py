"""Knows the sky and the pixels: pure functions on arrays and small frozen dataclasses.

No Django, no network, no clock, no hidden state; numpy, scipy, astropy and Pillow only.
"""
