// Source maps of lines: stack traces name the line of the source, and the maps are a sixth as large.
import { decode, encode } from '@jridgewell/sourcemap-codec';

/**
 * @param mappings those of a map with one source
 * @param before the code that they are of
 * @param after the same with another indentation
 * @returns mappings with a segment where a line of the source begins, and no more
 */
export function lineMappings(mappings, before, after) {
  const indented = before.split('\n');
  const lines = after.split('\n');
  const kept = decode(mappings).map((segments, index) => {
    const shift = (indented[index]?.length ?? 0) - (lines[index]?.length ?? 0);
    let last;
    return segments.flatMap(([column, source, line]) => {
      if (line === undefined || line === last) return [];
      // The first one counts for the whole line: what the compiler puts in front of it has no segment.
      const at = last === undefined ? 0 : column - shift;
      last = line;
      return [[at, source, line, 0]];
    });
  });
  return encode(kept).replace(/;+$/, '');
}
