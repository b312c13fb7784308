/** A body's length goes before it, in so many bytes. */
export const HEAD_BYTES = 4;

/** A bit of that length: the body is bytes, not JSON. */
export const IS_BYTES = 0x8000_0000;
