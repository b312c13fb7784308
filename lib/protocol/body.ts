import { isAnyArrayBuffer, isSharedArrayBuffer } from '../array-buffer.js';
import { type Frame, joined } from '../frame.js';
import { isMalformed, type Malformed, malformed } from './malformed.js';
import type { Content } from './content.js';
import { decodeJson, decodeText } from './text.js';

/** How to decode the bytes of a body. */
export type BodyType = 'json' | 'bytes' | 'text';

/** The output of a user's serializer for a whole packet: only its counterpart can read it. */
export class Serialized {
  constructor(readonly content: Bytes | string) {}
}

/** What the headers say about a body. */
export interface BodyKind {
  type: BodyType;
  /** Whether it is a whole packet in the encoding of the user's serializer. */
  serialized?: boolean | undefined;
}

/** One encoded value, ready to be sent. */
export interface Body extends BodyKind {
  content: Content;
}

/** A decoded value, boxed so that no value can be mistaken for an error. */
export interface Value {
  type: 'value';
  value: unknown;
}

export const EMPTY_BODY: Body = { type: 'json', content: '' };

export function isBodyType(value: unknown): value is BodyType {
  return value === 'json' || value === 'bytes' || value === 'text';
}

/**
 * Bytes travel as bytes, whatever view of them is given, and strings as text; all other values are JSON. `undefined`, which
 * JSON cannot represent, is an empty JSON body. UTF-8 cannot represent lone surrogates, so a string that has any travels as
 * JSON, with escapes.
 *
 * @throws TypeError if the value cannot be serialized as JSON (a cycle, a BigInt)
 */
export function encodeBody(value: unknown): Body {
  if (value instanceof Serialized) return { ...encodeBody(value.content), serialized: true };
  if (isBytes(value)) return { type: 'bytes', content: bytesOf(value) };
  if (typeof value === 'string' && value.isWellFormed()) return { type: 'text', content: value };
  // JSON.stringify returns undefined for undefined, functions and symbols.
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? EMPTY_BODY : { type: 'json', content: json };
}

/** A view of bytes (a `Buffer`, a typed array, a `DataView`), or a whole `ArrayBuffer`. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

export function isBytes(value: unknown): value is Bytes {
  if (typeof value !== 'object' || value === null) return false;
  return ArrayBuffer.isView(value) || isAnyArrayBuffer(value);
}

/** Copies shared memory, because other threads may change it while it is sent. */
function bytesOf(bytes: Bytes): Buffer {
  if (Buffer.isBuffer(bytes) && !isSharedArrayBuffer(bytes.buffer)) return bytes;
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(bytes)
    ? bytes
    : new Uint8Array(bytes);
  return isSharedArrayBuffer(buffer)
    ? Buffer.from(new Uint8Array(buffer, byteOffset, byteLength))
    : Buffer.from(buffer, byteOffset, byteLength);
}

/** A body that arrived within a larger JSON text and was parsed with it. Bytes are base64. */
export class InlineBody {
  constructor(readonly value: unknown) {}
}

export type ReceivedBody = Frame | InlineBody;

export function decodeBody(body: ReceivedBody, kind: BodyKind): Value | Malformed {
  const decoded = body instanceof InlineBody ? inline(body, kind) : decodeFrame(body, kind);
  if (!kind.serialized || isMalformed(decoded)) return decoded;
  return { type: 'value', value: new Serialized(decoded.value as Buffer | string) };
}

function decodeFrame(frame: Frame, { type }: BodyKind): Value | Malformed {
  if (type === 'bytes') return { type: 'value', value: joined(frame) };
  if (type === 'text') {
    const text = decodeText(frame);
    return typeof text === 'string' ? { type: 'value', value: text } : text;
  }
  if (frame.length === 0) return { type: 'value', value: undefined };
  const json = decodeJson(frame);
  return json.type === 'malformed' ? json : { type: 'value', value: json.value };
}

function inline({ value }: InlineBody, { type }: BodyKind): Value | Malformed {
  if (type === 'json') return { type: 'value', value };
  if (typeof value !== 'string') return malformed('invalid-pack');
  return { type: 'value', value: type === 'text' ? value : Buffer.from(value, 'base64') };
}
