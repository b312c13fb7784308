import { encodeReplyHeaders, encodeRequestHeaders } from './encode-headers.js';
import { areOfOneCall, type RequestHeaders } from './headers.js';
import type {
  Content,
  Id,
  OutgoingFrames,
  PackableByClient,
  PackableByServer,
} from './messages.js';
import { PACK } from './pack.js';

/** A larger body, in bytes, travels as a frame of its own. */
const MOST_INLINE = 4096;

/** A message with longer headers is not packed: a few of them would exceed the bound of a block. */
const LONGEST_HEADERS = 4096;

/**
 * Headers with a trace id differ from all others, and a search among them takes as long as the pack has messages. Metadata that
 * is always the same, and the deadline of calls that were made together, are found in the latest few.
 */
const REACH_OF_UNLIKELY = 4;

interface Exchange<Headers> {
  readonly id: Id;
  readonly body: Content;
  readonly headers: Headers;
}

const DELIMITER = Buffer.alloc(0);

/** Collects messages into a pack, whose layout pack.ts describes. */
export class PackWriter {
  #text = '';
  #count = 0;
  #headers: string[] = [];
  #frames: Content[] = [];
  #frameBytes = 0;

  get count(): number {
    return this.#count;
  }

  /** Size of what has been added so far; text counts by its characters. */
  get size(): number {
    return this.#text.length + this.#frameBytes;
  }

  /** @returns false if the message cannot be packed and has to travel alone */
  add(message: PackableByClient<Content> | PackableByServer<Content>): boolean {
    switch (message.type) {
      case 'request':
        return this.#request('REQUEST', message);
      case 'event':
        return this.#request('EVENT', message);
      case 'reply':
        return this.#exchange('REPLY', message, encodeReplyHeaders(message.headers), Infinity);
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

  /** Returns the pack and starts the next one. */
  take(): OutgoingFrames {
    const frames = [DELIMITER, PACK, `${this.#text}]`, ...this.#frames];
    this.#text = '';
    this.#count = 0;
    this.#headers = [];
    this.#frames = [];
    this.#frameBytes = 0;
    return frames;
  }

  #request(command: string, message: Exchange<RequestHeaders>): boolean {
    const { headers } = message;
    const reach = areOfOneCall(headers) ? REACH_OF_UNLIKELY : Infinity;
    return this.#exchange(command, message, encodeRequestHeaders(headers), reach);
  }

  #exchange(
    command: string,
    { id, body, headers: { type } }: Exchange<{ type: string }>,
    headers: string,
    reach: number,
  ): boolean {
    if (headers.length > LONGEST_HEADERS) return false;
    return this.#put(
      `"${command}",${JSON.stringify(id)},${this.#once(headers, reach)}${this.#body(body, type)}`,
    );
  }

  /** @param reach how many of the latest headers are searched for the same ones */
  #once(headers: string, reach: number): string | number {
    const all = this.#headers;
    const first = Math.max(all.length - reach, 0);
    for (let at = all.length - 1; at >= first; at--) if (all[at] === headers) return at;
    all.push(headers);
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
