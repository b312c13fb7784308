import { PROTOCOL_VERSION } from '../../protocol/hello.js';
import { isMalformed } from '../../protocol/malformed.js';
import type { Frames, OutgoingFrames, Pong } from '../../protocol/messages.js';
import { decodeServerMessage, encodeClientMessage } from '../../protocol/plain-frames.js';
import { MAX_MESSAGE_SIZE, type Answer, type Conversation } from './conversation.js';

/** What a PING was answered with. */
export type PingAnswer =
  | Pong
  /** The server does not believe who this client is. */
  | { readonly type: 'denied' }
  /** A message that no freelance server sends. */
  | { readonly type: 'other'; readonly frames: Frames };

/** PINGs of one conversation, numbered. The doctor names no capability but `drain`: its answers come one by one, and it can leave. */
export class Pings {
  readonly #conversation: Conversation;
  readonly #id: string;
  #sent = 0;

  /** @param id by which the server knows this client */
  constructor(conversation: Conversation, id: string) {
    this.#conversation = conversation;
    this.#id = id;
  }

  ping(timeoutMs: number): Promise<Answer<PingAnswer>> {
    const id = String(++this.#sent);
    return this.#conversation.ask(this.#frames(id), (frames) => pongIn(frames, id), timeoutMs);
  }

  #frames(id: string): OutgoingFrames {
    return encodeClientMessage({
      type: 'ping',
      dialect: 'negotiated',
      id,
      time: '0',
      hello: {
        protocol: PROTOCOL_VERSION,
        id: this.#id,
        capabilities: ['drain'],
        state: 'ready',
        load: 0,
        maxMessageSize: MAX_MESSAGE_SIZE,
      },
    });
  }
}

/** A basic PONG has no id: with one PING at a time, it is the answer. */
function pongIn(frames: Frames, id: string): PingAnswer | undefined {
  const message = decodeServerMessage(frames);
  if (isMalformed(message)) return { type: 'other', frames };
  if (message.type === 'denied') return message;
  if (message.type !== 'pong') return undefined;
  return !('id' in message) || message.id === id ? message : undefined;
}

export function isPong(answer: PingAnswer): answer is Pong {
  return answer.type === 'pong';
}
