/** Source: FNV-1a, 32 bits, http://www.isthe.com/chongo/tech/comp/fnv/; here by UTF-16 code units, not by bytes. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** @param from the hash of the text in front of this one, to continue it */
export function hash(text: string, from = FNV_OFFSET): number {
  let state = from;
  for (let place = 0; place < text.length; place++) {
    state = Math.imul(state ^ text.charCodeAt(place), FNV_PRIME);
  }
  return state;
}

/**
 * Spreads each bit over the whole number, from 0 up to 2 ** 32: FNV alone gives similar ranks to addresses that differ
 * in their last digit only. Source: A. Appleby, MurmurHash3, `fmix32`.
 */
export function mixed(bits: number): number {
  let state = bits ^ (bits >>> 16);
  state = Math.imul(state, 0x85ebca6b);
  state ^= state >>> 13;
  state = Math.imul(state, 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
