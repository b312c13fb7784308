import { isAnyArrayBuffer, isSharedArrayBuffer } from '../array-buffer.js';
import { isMalformed, type Malformed, malformed } from './malformed.js';
import type { Content } from './content.js';
import { decodeJson, decodeText } from './text.js';

/** How to read the bytes of a body. */
export type BodyType = 'json' | 'bytes' | 'text';

/** What a serializer of the user's made of a whole packet: only its counterpart can read it. */
export class Serialized {
  constructor(readonly content: Bytes | string) {}
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
 * Bytes travel as bytes, whichever view of them it is, and strings as text; all else is JSON. `undefined`, which JSON
 * cannot say,
 * is an empty JSON body. A string with lone surrogates is not text that UTF-8 can carry: it goes as
 * JSON, whose escapes can.
 *
 * @throws TypeError if the value cannot be written as JSON (a cycle, a BigInt).
 */
export function encodeBody(value: unknown): Body {
  if (value instanceof Serialized) return { ...encodeBody(value.content), serialized: true };
  if (isBytes(value)) return { type: 'bytes', content: bytesOf(value) };
  if (typeof value === 'string' && value.isWellFormed()) return { type: 'text', content: value };
  // JSON.stringify answers undefined for what JSON leaves out: undefined, functions, symbols.
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? EMPTY_BODY : { type: 'json', content: json };
}

/** A view of bytes (a `Buffer`, a typed array, a `DataView`), or all the bytes that one may view. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

export function isBytes(value: unknown): value is Bytes {
  if (typeof value !== 'object' || value === null) return false;
  return ArrayBuffer.isView(value) || isAnyArrayBuffer(value);
}

/** Other threads may change shared memory while it is sent: it is copied. */
function bytesOf(bytes: Bytes): Buffer {
  if (Buffer.isBuffer(bytes) && !isSharedArrayBuffer(bytes.buffer)) return bytes;
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(bytes)
    ? bytes
    : new Uint8Array(bytes);
  return isSharedArrayBuffer(buffer)
    ? Buffer.from(new Uint8Array(buffer, byteOffset, byteLength))
    : Buffer.from(buffer, byteOffset, byteLength);
}

/** A body that came as part of a larger JSON text, and was read with it. Bytes are in base64. */
export class InlineBody {
  constructor(readonly value: unknown) {}
}

export type ReceivedBody = Buffer | InlineBody;

export function decodeBody(body: ReceivedBody, kind: BodyKind): Value | Malformed {
  const decoded = body instanceof InlineBody ? inline(body, kind) : decodeBytes(body, kind);
  if (!kind.serialized || isMalformed(decoded)) return decoded;
  return { type: 'value', value: new Serialized(decoded.value as Buffer | string) };
}

function decodeBytes(bytes: Buffer, { type }: BodyKind): Value | Malformed {
  if (type === 'bytes') return { type: 'value', value: bytes };
  if (type === 'text') {
    const text = decodeText(bytes);
    return typeof text === 'string' ? { type: 'value', value: text } : text;
  }
  if (bytes.length === 0) return { type: 'value', value: undefined };
  const json = decodeJson(bytes);
  return json.type === 'malformed' ? json : { type: 'value', value: json.value };
}

function inline({ value }: InlineBody, { type }: BodyKind): Value | Malformed {
  if (type === 'json') return { type: 'value', value };
  if (typeof value !== 'string') return malformed('invalid pack');
  return { type: 'value', value: type === 'text' ? value : Buffer.from(value, 'base64') };
}
