"""What the viewer computes in the browser, held against astropy."""

import json
import subprocess
from typing import Any

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.visualization import ZScaleInterval
from astropy.wcs import WCS

from tests.js.test_modules import STATIC, node


def in_node(module: str, expression: str, given: Any) -> Any:
    """Return `expression` (of `m`, the module, and `given`) as JSON from node."""
    script = (
        f"import * as m from {json.dumps((STATIC / 'js' / module).as_uri())};"
        "let text = ''; for await (const part of process.stdin) text += part;"
        f"const given = JSON.parse(text); console.log(JSON.stringify({expression}));"
    )
    done = subprocess.run([node(), "--input-type=module", "-e", script], input=json.dumps(given), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def skies() -> list[list[float]]:
    """Codes of images: empty sky, many stars, a gradient, few pixels, one value only."""
    random = np.random.default_rng(5)
    sky = 800 + 8 * random.normal(size=123_457)
    stars = np.where(random.random(sky.size) < 0.08, sky + 8 * random.exponential(60, sky.size), sky)
    ramp = sky[:50_000] + np.linspace(0, 400, 50_000)
    return [np.clip(np.rint(values), 1, 65535).tolist() for values in (sky, stars, ramp, sky[:7], np.full(2000, 812.0))]


def test_zscale_gives_astropys_limits() -> None:
    given = skies()

    found = in_node("zscale.js", "given.map((codes) => m.zscale(m.sample(Uint16Array.from(codes))))", given)

    assert len(found) == 5
    for codes, limits in zip(given, found, strict=True):
        assert limits == pytest.approx(ZScaleInterval().get_limits(np.array(codes)), abs=1e-6)


@pytest.mark.parametrize(("ra", "dec", "turn"), [(150.1, 2.2, 0), (0.001, -74.4, 33), (359.99, 89.9, 200), (211.7, -45.0, -91)])
def test_the_cursor_is_where_astropy_says(ra: float, dec: float, turn: float) -> None:
    step, angle = 0.05 / 3600, np.radians(turn)
    cd = [[-step * np.cos(angle), step * np.sin(angle)], [step * np.sin(angle), step * np.cos(angle)]]
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cd = ["RA---TAN", "DEC--TAN"], [ra, dec], [513.0, 257.5], cd
    points = [(0.0, 0.0), (2047.5, 13.25), (512.0, 256.5), (-0.5, 2047.5), (1033.1, 900.7)]
    linear = {"crval": [ra, dec], "crpix": [512.0, 256.5], "cd": cd}

    found = in_node("wcs.js", "given.points.map(([x, y]) => m.toSky(given.linear, { x, y }))", {"linear": linear, "points": points})

    expected = SkyCoord(*wcs.all_pix2world(*np.array(points).T, 0), unit="deg")
    here = SkyCoord([each["ra"] for each in found], [each["dec"] for each in found], unit="deg")
    assert here.separation(expected).arcsec.max() < 0.001
    words = in_node("wcs.js", "given.map((each) => m.words(each))", found)
    for name, form in (("sexagesimal", ("hourangle", "deg")), ("decimal", ("deg", "deg"))):
        said = SkyCoord([each[name].replace("\u2212", "-").replace("\u00b0", "") for each in words], unit=form)
        assert said.separation(expected).arcsec.max() < 0.1
