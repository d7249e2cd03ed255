/* Display limits by the "zscale" algorithm of IRAF (D. Tody, National Optical Astronomy Observatories), as astropy writes it down:
   a line through the sorted pixels of a sample, without those that stand off it, gives the sky's level and spread. Pure. */

const SAMPLES = 1000;
const CONTRAST = 0.25;
const MAX_REJECT = 0.5;
const MIN_PIXELS = 5;
const REJECT_SIGMA = 2.5;
const ROUNDS = 5;

/** Every n-th code that is not 0 (no data), about a thousand in all. */
export function sample(codes, most = SAMPLES) {
  let valid = 0;
  for (let i = 0; i < codes.length; i += 1) valid += codes[i] !== 0;
  const stride = Math.max(1, Math.floor(valid / most));
  const picked = [];
  for (let i = 0, seen = 0; i < codes.length && picked.length < most; i += 1) {
    if (codes[i] === 0) continue;
    if (seen % stride === 0) picked.push(codes[i]);
    seen += 1;
  }
  return picked;
}

/** Least squares of values over their index, where they are good: [slope, value at 0]. */
function line(values, bad) {
  let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
  values.forEach((y, x) => {
    if (bad[x]) return;
    n += 1;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  });
  const slope = n > 1 ? (n * sxy - sx * sy) / (n * sxx - sx * sx) : 0;
  return [slope, (sy - slope * sx) / n];
}

function spread(flat, bad) {
  const good = flat.filter((_, x) => !bad[x]);
  const mean = good.reduce((sum, value) => sum + value, 0) / good.length;
  return Math.sqrt(good.reduce((sum, value) => sum + (value - mean) ** 2, 0) / good.length);
}

/** Bad ones, and those beside them within a window of `width`. */
function grown(bad, width) {
  const after = (width - 1) >> 1;
  const before = width - 1 - after;
  return bad.map((_, x) => bad.slice(Math.max(0, x - before), x + after + 1).some(Boolean));
}

const count = (bad) => bad.reduce((n, each) => n + !each, 0);

/** The line through the good pixels: {slope, good}. */
function fitted(values) {
  const least = Math.max(MIN_PIXELS, Math.floor(values.length * MAX_REJECT));
  const width = Math.max(1, Math.floor(values.length * 0.01));
  let bad = values.map(() => false);
  let [good, before, slope] = [values.length, values.length + 1, 0];
  for (let round = 0; round < ROUNDS && good < before && good >= least; round += 1) {
    const [rise, level] = line(values, bad);
    const flat = values.map((y, x) => y - (rise * x + level));
    const threshold = REJECT_SIGMA * spread(flat, bad);
    bad = grown(bad.map((each, x) => each || Math.abs(flat[x]) > threshold), width);
    [before, good, slope] = [good, count(bad), rise];
  }
  return { slope, enough: good >= least };
}

/** [black, white] of these values, in their own unit; null where there are none. */
export function zscale(values) {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (!n) return null;
  const [first, last] = [sorted[0], sorted[n - 1]];
  const { slope, enough } = fitted([...sorted]);
  if (!enough) return [first, last];
  const centre = Math.floor((n - 1) / 2);
  const median = n % 2 ? sorted[centre] : (sorted[centre] + sorted[centre + 1]) / 2;
  const rise = slope / CONTRAST;
  return [Math.max(first, median - (centre - 1) * rise), Math.min(last, median + (n - centre) * rise)];
}
