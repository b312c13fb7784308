import { isAscii, isUtf8 } from 'node:buffer';
import { type Frame, joined, LongFrame } from '../frame.js';
import { type Malformed, malformed } from './malformed.js';

/** Decodes UTF-8 strictly: invalid bytes are an error, not replacement characters. */
export function decodeText(frame: Frame): string | Malformed {
  // Pieces can be decoded one by one only if they are ASCII: another character may be split between two.
  if (frame instanceof LongFrame && frame.pieces.every(isAscii))
    return frame.pieces.map((piece) => piece.toString('latin1')).join('');
  const bytes = joined(frame);
  const text = bytes.toString('utf8');
  // A replacement character means invalid UTF-8, unless the text itself contained one.
  return text.includes(REPLACEMENT) && !isUtf8(bytes) ? malformed('invalid-utf8') : text;
}

const REPLACEMENT = '\uFFFD';

/** Whether each character is one byte, the same in every encoding. */
export function isAsciiText(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** A parsed JSON value, boxed so that no value can be mistaken for an error. */
export interface Json {
  type: 'json';
  value: unknown;
}

export function decodeJson(frame: Frame): Json | Malformed {
  const text = decodeText(frame);
  return typeof text === 'string' ? parseJson(text) : text;
}

export function parseJson(text: string): Json | Malformed {
  try {
    return { type: 'json', value: JSON.parse(text) };
  } catch {
    return malformed('invalid-json');
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
