import { InlineBody, type ReceivedBody } from './body.js';
import {
  encodeReplyHeaders,
  encodeRequestHeaders,
  readReplyHeaders,
  readRequestHeaders,
} from './headers.js';
import { isMalformed, type Malformed, malformed } from './malformed.js';
import {
  MAX_ID_BYTES,
  type Content,
  type Frames,
  type Id,
  type OutgoingFrames,
  type PackableByClient,
  type PackableByServer,
} from './messages.js';
import { decodeJson, isJsonObject } from './text.js';

/**
 * The codec of PACK: several messages of the negotiated dialect in one ZeroMQ message, because a ZeroMQ
 * message costs far more than its bytes.
 *
 * ```
 * "" PACK block frame…
 * block: [[command, id, headers, body, frame], …]
 * ```
 *
 * The block is JSON: one text, which engines read at once, faster than a text for each body. `headers` are
 * an object, or the number of one before them in the block, from 0. `body` is the value of a JSON body,
 * the text of a text, the base64 of bytes; it is left out if it is empty. A large body is a frame of its
 * own behind the block, which nobody copies: `body` is then null, and `frame` its number, from 0.
 */

/** A body of more bytes travels as a frame of its own. */
const MOST_INLINE = 4096;

/** With longer headers a message is not packed: a few of them would be more than a block may have. */
const LONGEST_HEADERS = 4096;

/** What a pack may hold, so that a few bytes cannot become work without end. */
export const MOST_MESSAGES = 1024;
export const MOST_BLOCK_BYTES = 1024 * 1024;

const DELIMITER = Buffer.alloc(0);
const PACK = Buffer.from('PACK');

/** Puts messages into a pack. */
export class PackWriter {
  #text = '';
  #count = 0;
  #headers: string[] = [];
  #frames: Content[] = [];
  #frameBytes = 0;

  get count(): number {
    return this.#count;
  }

  /** How much waits here; text is counted by its characters. */
  get size(): number {
    return this.#text.length + this.#frameBytes;
  }

  /** False if the message is none for a pack, and has to go by itself. */
  add(message: PackableByClient<Content> | PackableByServer<Content>): boolean {
    switch (message.type) {
      case 'request':
        return this.#exchange('REQUEST', message, encodeRequestHeaders(message.headers));
      case 'event':
        return this.#exchange('EVENT', message, encodeRequestHeaders(message.headers));
      case 'reply':
        return this.#exchange('REPLY', message, encodeReplyHeaders(message.headers));
      case 'ack':
        return this.#put(`"ACK",${JSON.stringify(message.id)}`);
      case 'cancel':
        return this.#put(`"CANCEL",${JSON.stringify(message.id)}`);
      case 'credit':
        return this.#put(`"CREDIT",${JSON.stringify(message.id)},${message.values}`);
      case 'goodbye':
        return this.#put('"GOODBYE"');
    }
  }

  /** The pack, and a fresh start for the next one. */
  take(): OutgoingFrames {
    const frames = [DELIMITER, PACK, `${this.#text}]`, ...this.#frames];
    this.#text = '';
    this.#count = 0;
    this.#headers = [];
    this.#frames = [];
    this.#frameBytes = 0;
    return frames;
  }

  #exchange(
    command: string,
    { id, body, headers: { type } }: { id: Id; body: Content; headers: { type: string } },
    headers: string,
  ): boolean {
    if (headers.length > LONGEST_HEADERS) return false;
    return this.#put(
      `"${command}",${JSON.stringify(id)},${this.#once(headers)}${this.#body(body, type)}`,
    );
  }

  #once(headers: string): string | number {
    const before = this.#headers.lastIndexOf(headers);
    if (before >= 0) return before;
    this.#headers.push(headers);
    return headers;
  }

  #body(body: Content, type: string): string {
    if (body.length > MOST_INLINE) {
      this.#frameBytes += body.length;
      return `,null,${this.#frames.push(body) - 1}`;
    }
    if (typeof body !== 'string') return `,"${body.toString('base64')}"`;
    if (type === 'text') return `,${JSON.stringify(body)}`;
    return body === '' ? '' : `,${body}`;
  }

  #put(entry: string): true {
    this.#text += `${this.#count === 0 ? '[' : ','}[${entry}]`;
    this.#count++;
    return true;
  }
}

export function isPack(frames: Frames): boolean {
  return frames[0]?.length === 0 && (frames[1]?.equals(PACK) ?? false);
}

/** The messages of a client's pack, in their order. */
export function decodeClientPack(frames: Frames): readonly (PackableByClient | Malformed)[] {
  return decodePack(frames, readClientEntry);
}

/** The messages of a server's pack, in their order. */
export function decodeServerPack(frames: Frames): readonly (PackableByServer | Malformed)[] {
  return decodePack(frames, readServerEntry);
}

type Entry = readonly unknown[];

function decodePack<Message>(
  frames: Frames,
  read: (entry: Entry, parts: PackParts) => Message | Malformed,
): readonly (Message | Malformed)[] {
  const { 2: block } = frames;
  if (!block || block.length > MOST_BLOCK_BYTES) return [malformed('invalid pack')];
  const json = decodeJson(block);
  if (json.type === 'malformed') return [json];
  const { value: entries } = json;
  if (!Array.isArray(entries) || entries.length > MOST_MESSAGES) return [malformed('invalid pack')];
  const parts = new PackParts(frames.slice(3));
  return entries.map((entry: unknown) =>
    Array.isArray(entry) ? read(entry, parts) : malformed('invalid pack'),
  );
}

/** What the messages of one pack share. */
class PackParts {
  /** Bodies that are frames of their own, until a message takes them. */
  readonly #own: (Buffer | undefined)[];
  readonly #headers: (object | Malformed)[] = [];

  constructor(own: Buffer[]) {
    this.#own = own;
  }

  headers<Headers extends object>(
    given: unknown,
    read: (json: unknown) => Headers | Malformed,
  ): Headers | Malformed {
    if (typeof given === 'number') {
      // A pack goes one way: all its headers are of the same kind.
      return (this.#headers[given] as Headers | undefined) ?? malformed('invalid headers');
    }
    const headers = read(given);
    if (isJsonObject(given)) this.#headers.push(headers);
    return headers;
  }

  body([, , , body, frame]: Entry): ReceivedBody | Malformed {
    if (frame === undefined) return new InlineBody(body);
    // Not every JSON value can be made a number: some throw.
    const own = typeof frame === 'number' ? this.#own[frame] : undefined;
    if (!own) return malformed('invalid pack');
    // The body of one message only: else one large frame would be a thousand bodies to read.
    this.#own[frame as number] = undefined;
    return own;
  }
}

function readClientEntry(entry: Entry, parts: PackParts): PackableByClient | Malformed {
  const [command, id, given] = entry;
  switch (command) {
    case 'REQUEST':
    case 'EVENT': {
      // Read even if the rest makes no sense: other messages may refer to them.
      const headers = parts.headers(given, readRequestHeaders);
      const body = parts.body(entry);
      if (!isId(id)) return malformed('invalid pack');
      if (isMalformed(headers)) return headers;
      if (isMalformed(body)) return body;
      return command === 'EVENT'
        ? { type: 'event', id, body, headers }
        : { type: 'request', dialect: 'negotiated', id, body, headers };
    }
    case 'CANCEL':
      return isId(id) ? { type: 'cancel', id } : malformed('invalid pack');
    case 'CREDIT':
      if (!isId(id)) return malformed('invalid pack');
      return isCredit(given) ? { type: 'credit', id, values: given } : malformed('invalid credit');
    case 'GOODBYE':
      return { type: 'goodbye' };
    default:
      return malformed('unknown command');
  }
}

function readServerEntry(entry: Entry, parts: PackParts): PackableByServer | Malformed {
  const [command, id, given] = entry;
  switch (command) {
    case 'REPLY': {
      // As in requests.
      const headers = parts.headers(given, readReplyHeaders);
      const body = parts.body(entry);
      if (!isId(id)) return malformed('invalid pack');
      if (isMalformed(headers)) return headers;
      return isMalformed(body) ? body : { type: 'reply', dialect: 'negotiated', id, body, headers };
    }
    case 'ACK':
      return isId(id) ? { type: 'ack', id } : malformed('invalid pack');
    case 'GOODBYE':
      return { type: 'goodbye' };
    default:
      return malformed('unknown command');
  }
}

function isId(given: unknown): given is Id {
  return typeof given === 'string' && given.length <= MAX_ID_BYTES;
}

function isCredit(given: unknown): given is number {
  return Number.isSafeInteger(given) && (given as number) >= 1;
}
