import { refusal } from '../../agents/server/reply-writer.js';
import type { RefusalReason } from '../../protocol/headers.js';
import type { Malformed } from '../../protocol/malformed.js';
import type { ClientMessage, OutgoingClientMessage } from '../../protocol/messages.js';
import { decodeClientPack, isPack } from '../../protocol/pack.js';
import {
  decodeClientMessage,
  encodeClientMessage,
  encodeServerMessage,
} from '../../protocol/plain-frames.js';
import { packed } from '../../sockets/memory/inbox.js';
import type { OutgoingSocketFrames, SocketFrames } from '../../sockets/socket-port.js';

type Work = Extract<ClientMessage, { type: 'event' | 'request'; headers: object }>;

/** Answers new calls and events in place of the server, when the test wants them refused. */
export class Refusals {
  readonly #serverId: string;
  #reason: RefusalReason | undefined;

  constructor(serverId: string) {
    this.#serverId = serverId;
  }

  refuse(reason: RefusalReason): void {
    this.#reason = reason;
  }

  accept(): void {
    this.#reason = undefined;
  }

  /**
   * @param answer sends the frames to the client
   * @returns what is left for the server: a message may be a PACK of several
   */
  sift(
    frames: SocketFrames,
    answer: (frames: OutgoingSocketFrames) => void,
  ): readonly SocketFrames[] {
    const reason = this.#reason;
    if (reason === undefined) return [frames];
    const messages = isPack(frames) ? decodeClientPack(frames) : [decodeClientMessage(frames)];
    const refused = messages.filter(isWork);
    if (refused.length === 0) return [frames];
    const why = `The test has ${this.#serverId} refuse calls`;
    for (const { id } of refused) answer(encodeServerMessage(refusal(id, reason, why)));
    return messages.filter(isControl).map((message) => packed(encodeClientMessage(message)));
  }
}

function isWork(message: ClientMessage | Malformed): message is Work {
  return message.type === 'event' || (message.type === 'request' && 'headers' in message);
}

/** What else a PACK may hold. */
function isControl(
  message: ClientMessage | Malformed,
): message is Extract<OutgoingClientMessage, { type: 'cancel' | 'credit' | 'goodbye' }> {
  return message.type === 'cancel' || message.type === 'credit' || message.type === 'goodbye';
}
