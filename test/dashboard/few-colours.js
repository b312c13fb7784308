/*
 * Runs in the page: a picture of it with the colours of its theme only, which takes half the bytes.
 */

/** Also what the edges of letters are made of, and the lines of the map. */
const COLOURS = 'paper surface raised ink muted line accent load good doubtful bad leaving'
  .split(' ')
  .map((name) => `var(--${name})`)
  .concat(
    'color-mix(in srgb, var(--ink) 50%, var(--surface))',
    'color-mix(in srgb, var(--good) 60%, var(--surface))',
  );

/** @param {string} picture a PNG in base64; so is what it returns, as a URL */
// oxlint-disable-next-line no-unused-vars -- the test calls it in the page
async function inFewColours(picture) {
  const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  const context = canvas.getContext('2d');
  const palette = COLOURS.map((colour) => rgb(context, colour));
  context.drawImage(bitmap, 0, 0);
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  const nearest = new Map();
  for (const [place, pixel] of pixels.entries()) {
    if (!nearest.has(pixel)) {
      const at = 4 * place;
      nearest.set(pixel, closest(palette, image.data.subarray(at, at + 3)));
    }
  }
  for (const [place, pixel] of pixels.entries()) image.data.set(nearest.get(pixel), 4 * place);
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

/** What a colour of CSS is here, whatever notation the browser has for it. */
function rgb(context, colour) {
  document.body.style.color = colour;
  context.fillStyle = getComputedStyle(document.body).color;
  document.body.style.color = '';
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
}

function closest(palette, colour) {
  const distance = (one) => Math.hypot(...one.map((part, n) => part - colour[n]));
  return palette.reduce((best, one) => (distance(one) < distance(best) ? one : best));
}
