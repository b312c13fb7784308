// Source maps of lines: stack traces name the line of the source, and the maps are a sixth as large.

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map(Array.from(DIGITS, (digit, value) => [digit, value]));

/**
 * @param mappings those of a map with one source
 * @param before the code that they are of
 * @param after the same with another indentation
 * @returns mappings with a segment where a line of the source begins, and no more
 */
export function lineMappings(mappings, before, after) {
  const indented = before.split('\n');
  const lines = after.split('\n');
  let source = 0;
  let told = 0;
  return mappings
    .split(';')
    .map((segments, index) => {
      const shift = (indented[index]?.length ?? 0) - (lines[index]?.length ?? 0);
      let column = 0;
      let toldColumn = 0;
      let last;
      let text = '';
      for (const segment of segments === '' ? [] : segments.split(',')) {
        const [columns, , sourceLines] = decode(segment);
        column += columns;
        source += sourceLines ?? 0;
        if (sourceLines === undefined || source === last) continue;
        // The first one counts for the whole line: what the compiler puts in front of it has no segment.
        const at = last === undefined ? 0 : column - shift;
        text += `${text && ','}${encode(at - toldColumn)}A${encode(source - told)}A`;
        toldColumn = at;
        told = source;
        last = source;
      }
      return text;
    })
    .join(';')
    .replace(/;+$/, '');
}

/** The numbers of a segment, in "Base64 VLQ": https://tc39.es/ecma426/#sec-base64-vlq */
function decode(segment) {
  const numbers = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = VALUES.get(digit) ?? 0;
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits >= 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

function encode(number) {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  let text = '';
  do {
    const bits = rest & 31;
    rest >>= 5;
    text += DIGITS[rest > 0 ? bits | 32 : bits];
  } while (rest > 0);
  return text;
}
