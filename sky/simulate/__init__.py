"""Makes HST-like exposures from physics and tells the truth about them."""

from sky.simulate.draw import add_trail, draw_trail
from sky.simulate.inject import Injection, inject_trail

__all__ = ["Injection", "add_trail", "draw_trail", "inject_trail"]
