/* Sky coordinates of a frame: the tangent plane (gnomonic projection, Calabretta & Greisen 2002, A&A 395, 1077) with a linear matrix.
   wcs: {crval: [RA, Dec] degrees ICRS, crpix: [x, y] 0-based, cd: [[dxi/dx, dxi/dy], [deta/dx, deta/dy]] degrees per pixel}. Pure. */

const RAD = Math.PI / 180;

/** RA and Dec, degrees, of a pixel (centres). */
export function toSky({ crval, crpix, cd }, { x, y }) {
  const [dx, dy] = [x - crpix[0], y - crpix[1]];
  const xi = RAD * (cd[0][0] * dx + cd[0][1] * dy);
  const eta = RAD * (cd[1][0] * dx + cd[1][1] * dy);
  const dec0 = RAD * crval[1];
  const height = Math.cos(dec0) - eta * Math.sin(dec0);
  const ra = crval[0] + Math.atan2(xi, height) / RAD;
  const dec = Math.atan2(Math.sin(dec0) + eta * Math.cos(dec0), Math.hypot(xi, height)) / RAD;
  return { ra: ((ra % 360) + 360) % 360, dec };
}

/** Steps in pixels [x, y] for one degree along [xi (east), eta (north)]. */
function steps([[a, b], [c, d]]) {
  const det = a * d - b * c;
  return { east: [d / det, -c / det], north: [-b / det, a / det] };
}

const unit = ([x, y]) => [x / Math.hypot(x, y), y / Math.hypot(x, y)];

/** Directions of north and east in the image, as unit vectors in pixels (y down). */
export function compass({ cd }) {
  const { east, north } = steps(cd);
  return { east: unit(east), north: unit(north) };
}

/** Degrees (clockwise) by which to turn the image so that north is up. */
export function northUp(wcs) {
  const [x, y] = compass(wcs).north;
  return (-90 - Math.atan2(y, x) / RAD + 720) % 360;
}

/** Arcseconds per pixel: the geometric mean of both axes. */
export const arcsecPerPixel = ({ cd: [[a, b], [c, d]] }) => 3600 * Math.sqrt(Math.abs(a * d - b * c));

const ROUND = [1, 2, 5];

/** The longest round length (1, 2, 5, 10 ... arcseconds) of at most so many pixels: {arcsec, px, label}. */
export function scaleBar(arcsecPerPx, mostPx) {
  const most = arcsecPerPx * mostPx;
  const power = 10 ** Math.floor(Math.log10(most));
  const arcsec = ROUND.map((step) => step * power).filter((step) => step <= most * (1 + 1e-9)).at(-1);
  const label = arcsec >= 60 && arcsec % 60 === 0 ? `${arcsec / 60}\u2032` : `${Number(arcsec.toPrecision(1))}\u2033`;
  return { arcsec, px: arcsec / arcsecPerPx, label };
}

function sexagesimal(value, digits) {
  const units = Math.round(value * 3600 * 10 ** digits);
  const seconds = (units / 10 ** digits) % 60;
  const minutes = Math.floor(units / (60 * 10 ** digits)) % 60;
  const whole = Math.floor(units / (3600 * 10 ** digits));
  const width = digits ? digits + 3 : 2;
  return { whole, rest: [String(minutes).padStart(2, "0"), seconds.toFixed(digits).padStart(width, "0")].join(":") };
}

/** "10:00:24.00 +02:12:00.0" and "150.10000 +2.20000". */
export function words({ ra, dec }) {
  const hours = sexagesimal(ra / 15, 2);
  const degrees = sexagesimal(Math.abs(dec), 1);
  const pad = (value) => String(value).padStart(2, "0");
  const sign = dec < 0 ? "\u2212" : "+";
  return {
    sexagesimal: `${pad(hours.whole % 24)}:${hours.rest} ${sign}${pad(degrees.whole)}:${degrees.rest}`,
    decimal: `${ra.toFixed(5)}\u00b0 ${sign}${Math.abs(dec).toFixed(5)}\u00b0`,
  };
}
