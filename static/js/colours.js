/* Colour maps: a few stops each, mixed between them. Pure.
   viridis and inferno: by Nathaniel Smith and Stefan van der Walt, public domain (CC0), sampled at 17 places. */

const split = (stops) => stops.split(" ");

const STOPS = {
  grey: split("000000 ffffff"),
  viridis: split(
    "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c " +
      "1f9f88 27ad81 3dbc74 5cc863 81d34d aadc32 d5e21a fde725",
  ),
  inferno: split(
    "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 " +
      "d04545 e35933 f1711f f98c0a fcaa0f f9c932 f2e865 fcffa4",
  ),
};

function mix(stops, share) {
  const at = share * (stops.length - 1);
  const index = Math.min(Math.floor(at), stops.length - 2);
  const [from, to] = [stops[index], stops[index + 1]].map((hex) => [0, 2, 4].map((start) => parseInt(hex.slice(start, start + 2), 16)));
  return from.map((value, channel) => Math.round(value + (at - index) * (to[channel] - value)));
}

/** 256 colours from dark to bright, as they lie in the memory of an image (RGBA, little-endian). */
export function colours(name) {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const [red, green, blue] = mix(STOPS[name], index / 255);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}
