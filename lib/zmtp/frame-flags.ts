/** The first octet of a frame. Source: RFC 37 of ZeroMQ, "Framing". */
export const MORE = 1;
export const LONG = 2;
export const COMMAND = 4;

const RESERVED = ~(MORE | LONG | COMMAND);

/** RFC 37: the reserved bits MUST be zero, and so SHALL be MORE on a command. */
export function isValid(flags: number): boolean {
  return (flags & RESERVED) === 0 && (flags & (COMMAND | MORE)) !== (COMMAND | MORE);
}

/** A short frame has one octet of size. */
export const LONGEST_SHORT = 255;
