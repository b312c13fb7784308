import type { Malformed } from './malformed.js';
import type { Content } from './messages.js';
import { decodeJson, decodeText } from './text.js';

/** How to read the bytes of a body. */
export type BodyType = 'json' | 'bytes' | 'text';

/** What a serializer of the user's made of a whole packet: only its counterpart can read it. */
export class Serialized {
  constructor(readonly content: Uint8Array | string) {}
}

/** What the headers say of a body. */
export interface BodyKind {
  type: BodyType;
  /** Whether it is a whole packet, in the user's own encoding. */
  serialized?: boolean | undefined;
}

/** One value, ready for the wire. */
export interface Body extends BodyKind {
  content: Content;
}

/** A value read from the wire, boxed so that no value can be taken for the error. */
export interface Value {
  type: 'value';
  value: unknown;
}

export const EMPTY_BODY: Body = { type: 'json', content: '' };

export function isBodyType(value: unknown): value is BodyType {
  return value === 'json' || value === 'bytes' || value === 'text';
}

/**
 * Bytes travel as bytes and strings as text; all else is JSON. `undefined`, which JSON cannot say,
 * is an empty JSON body. A string with lone surrogates is not text that UTF-8 can carry: it goes as
 * JSON, whose escapes can.
 *
 * @throws TypeError if the value cannot be written as JSON (a cycle, a BigInt).
 */
export function encodeBody(value: unknown): Body {
  if (value instanceof Serialized) return { ...encodeBody(value.content), serialized: true };
  if (value instanceof Uint8Array) {
    const { buffer, byteOffset, byteLength } = value;
    return {
      type: 'bytes',
      content: Buffer.isBuffer(value) ? value : Buffer.from(buffer, byteOffset, byteLength),
    };
  }
  if (typeof value === 'string' && value.isWellFormed()) return { type: 'text', content: value };
  // JSON.stringify answers undefined for what JSON leaves out: undefined, functions, symbols.
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? EMPTY_BODY : { type: 'json', content: json };
}

export function decodeBody(bytes: Buffer, { type, serialized }: BodyKind): Value | Malformed {
  if (type === 'bytes') return { type: 'value', value: serialized ? new Serialized(bytes) : bytes };
  if (type === 'text') {
    const text = decodeText(bytes);
    if (typeof text !== 'string') return text;
    return { type: 'value', value: serialized ? new Serialized(text) : text };
  }
  if (bytes.length === 0) return { type: 'value', value: undefined };
  const json = decodeJson(bytes);
  return json.type === 'malformed' ? json : { type: 'value', value: json.value };
}
