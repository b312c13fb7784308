import type { Frame } from '../frame.js';
import type { Content } from './content.js';
import { isAsciiText } from './text.js';

/** Identifies a call or a heartbeat. The client chooses it: any bytes, each stored as one character. */
export type Id = string;

/** Bound, in bytes, of an id, the time of a PING and the name of a peer: all three are kept and echoed. */
export const MAX_ID_BYTES = 256;

/** Our own ids are digits, which are one byte each in every encoding. */
export function idFrame(id: Id): Content {
  return isAsciiText(id) ? id : Buffer.from(id, 'latin1');
}

export function idOf(frame: Frame): Id {
  return frame.toString('latin1');
}

export function isTooLong(frame: Frame): boolean {
  return frame.length > MAX_ID_BYTES;
}
