"""Makes HST-like exposures from physics and tells the truth about them."""

from sky.simulate.draw import add_trail, draw_trail
from sky.simulate.exposure import SimulatedExposure, TrueObject, simulate_exposure, truth_in_box
from sky.simulate.files import write_fits
from sky.simulate.inject import Injection, inject_trail
from sky.simulate.spec import Asteroid, Satellite, SimulationSpec, sample_sky, sample_visit

__all__ = [
    "Asteroid",
    "Injection",
    "Satellite",
    "SimulatedExposure",
    "SimulationSpec",
    "TrueObject",
    "add_trail",
    "draw_trail",
    "inject_trail",
    "sample_sky",
    "sample_visit",
    "simulate_exposure",
    "truth_in_box",
    "write_fits",
]
