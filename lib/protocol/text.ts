import { isUtf8 } from 'node:buffer';
import { type Malformed, malformed } from './malformed.js';

/** Reads UTF-8 strictly: bytes that are not UTF-8 are an error, not replacement characters. */
export function decodeText(bytes: Buffer): string | Malformed {
  const text = bytes.toString('utf8');
  // Only text with replacement characters can have been anything else: it may also have had them.
  return text.includes(REPLACEMENT) && !isUtf8(bytes) ? malformed('invalid UTF-8') : text;
}

const REPLACEMENT = '\uFFFD';

/** Whether each character of it is one byte, the same in every encoding. */
export function isAsciiText(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** A parsed JSON value, boxed so that no value can be taken for the error. */
export interface Json {
  type: 'json';
  value: unknown;
}

export function decodeJson(bytes: Buffer): Json | Malformed {
  const text = decodeText(bytes);
  if (typeof text !== 'string') return text;
  try {
    return { type: 'json', value: JSON.parse(text) };
  } catch {
    return malformed('invalid JSON');
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
