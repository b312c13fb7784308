import { type Frame, LongFrame } from '../frame.js';
import { InlineBody, type ReceivedBody } from './body.js';
import { readReplyHeaders, readRequestHeaders } from './headers.js';
import { isMalformed, type Malformed, malformed } from './malformed.js';
import {
  MAX_ID_BYTES,
  type Frames,
  type Id,
  type PackableByClient,
  type PackableByServer,
} from './messages.js';
import { decodeJson, isJsonObject } from './text.js';

/**
 * Reads PACKs, at both sides; `PackWriter` writes them. A PACK is several messages of the negotiated dialect in one ZeroMQ
 * message, because a ZeroMQ message costs far more than its bytes.
 *
 * ```
 * "" PACK block frame…
 * block: [[command, id, headers, body, frame], …]
 * ```
 *
 * The block is one JSON text, which a JavaScript engine parses faster than one text per body. `headers` is an object, or
 * the index (from 0) of earlier headers in the block. `body` is the value of a JSON body, the string of a text body, or
 * the base64 of a binary body; an empty body is omitted. A large body travels uncopied as a frame of its own behind the
 * block: `body` is then null, and `frame` is the index (from 0) of that frame.
 */

/** Bounds of a pack, so that a few bytes cannot cause unbounded work. */
export const MOST_MESSAGES = 1024;
export const MOST_BLOCK_BYTES = 1024 * 1024;

export const PACK = Buffer.from('PACK');

export function isPack({ 0: delimiter, 1: command }: Frames): boolean {
  if (delimiter?.length !== 0 || !command || command instanceof LongFrame) return false;
  return command.equals(PACK);
}

/** Reads the messages of a client's pack, in order. */
export function decodeClientPack(frames: Frames): readonly (PackableByClient | Malformed)[] {
  return decodePack(frames, readClientEntry);
}

/** Reads the messages of a server's pack, in order. */
export function decodeServerPack(frames: Frames): readonly (PackableByServer | Malformed)[] {
  return decodePack(frames, readServerEntry);
}

type Entry = readonly unknown[];

function decodePack<Message>(
  frames: Frames,
  read: (entry: Entry, parts: PackParts) => Message | Malformed,
): readonly (Message | Malformed)[] {
  const { 2: block } = frames;
  if (!block || block.length > MOST_BLOCK_BYTES) return [malformed('invalid-pack')];
  const json = decodeJson(block);
  if (json.type === 'malformed') return [json];
  const { value: entries } = json;
  if (!Array.isArray(entries) || entries.length > MOST_MESSAGES) return [malformed('invalid-pack')];
  const parts = new PackParts(frames.slice(3));
  return entries.map((entry: unknown) =>
    Array.isArray(entry) ? read(entry, parts) : malformed('invalid-pack'),
  );
}

/** What the messages of one pack share. */
class PackParts {
  /** The frames behind the block, which are bodies. Each is replaced by undefined when a message takes it. */
  readonly #own: (Frame | undefined)[];
  readonly #headers: (object | Malformed)[] = [];

  constructor(own: Frame[]) {
    this.#own = own;
  }

  headers<Headers extends object>(
    given: unknown,
    read: (json: unknown) => Headers | Malformed,
  ): Headers | Malformed {
    if (typeof given === 'number') {
      // A pack travels in one direction, so all its headers are of one kind.
      return (this.#headers[given] as Headers | undefined) ?? malformed('invalid-headers');
    }
    const headers = read(given);
    if (isJsonObject(given)) this.#headers.push(headers);
    return headers;
  }

  body([, , , body, frame]: Entry): ReceivedBody | Malformed {
    if (frame === undefined) return new InlineBody(body);
    // Some JSON values throw when converted to a number.
    const own = typeof frame === 'number' ? this.#own[frame] : undefined;
    if (!own) return malformed('invalid-pack');
    // Each frame belongs to one message: otherwise one large frame could be decoded a thousand times.
    this.#own[frame as number] = undefined;
    return own;
  }
}

function readClientEntry(entry: Entry, parts: PackParts): PackableByClient | Malformed {
  const [command, id, given] = entry;
  switch (command) {
    case 'REQUEST':
    case 'EVENT': {
      // Headers are read even if the rest is malformed: later messages may refer to them.
      const headers = parts.headers(given, readRequestHeaders);
      const body = parts.body(entry);
      if (!isId(id)) return malformed('invalid-pack');
      if (isMalformed(headers)) return headers;
      if (isMalformed(body)) return body;
      return command === 'EVENT'
        ? { type: 'event', id, body, headers }
        : { type: 'request', dialect: 'negotiated', id, body, headers };
    }
    case 'CANCEL':
      return isId(id) ? { type: 'cancel', id } : malformed('invalid-pack');
    case 'CREDIT':
      if (!isId(id)) return malformed('invalid-pack');
      return isCredit(given) ? { type: 'credit', id, values: given } : malformed('invalid-credit');
    case 'GOODBYE':
      return { type: 'goodbye' };
    default:
      return malformed('unknown-command');
  }
}

function readServerEntry(entry: Entry, parts: PackParts): PackableByServer | Malformed {
  const [command, id, given] = entry;
  switch (command) {
    case 'REPLY': {
      // Headers are read even if the rest is malformed: later messages may refer to them.
      const headers = parts.headers(given, readReplyHeaders);
      const body = parts.body(entry);
      if (!isId(id)) return malformed('invalid-pack');
      if (isMalformed(headers)) return headers;
      return isMalformed(body) ? body : { type: 'reply', dialect: 'negotiated', id, body, headers };
    }
    case 'ACK':
      return isId(id) ? { type: 'ack', id } : malformed('invalid-pack');
    case 'GOODBYE':
      return { type: 'goodbye' };
    default:
      return malformed('unknown-command');
  }
}

/** A character that is more than one byte is malformed: otherwise different ids could be the same bytes in a frame. */
function isId(given: unknown): given is Id {
  if (typeof given !== 'string' || given.length > MAX_ID_BYTES) return false;
  for (let at = 0; at < given.length; at++) if (given.charCodeAt(at) > 0xff) return false;
  return true;
}

function isCredit(given: unknown): given is number {
  return Number.isSafeInteger(given) && (given as number) >= 1;
}
