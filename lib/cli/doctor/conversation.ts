import type { Socket } from 'node:net';
import type { Frames, OutgoingFrames } from '../../protocol/messages.js';
import { bytesOnly } from '../../sockets/node/bytes-only.js';
import { Channel } from '../../sockets/node/channel.js';
import type { ChannelEnd } from '../../sockets/node/channel-options.js';
import { CLIENT_LINGER_MS } from '../../sockets/times.js';
import type { Mechanism, PeerMetadata } from '../../zmtp/mechanism.js';
import { within } from './within.js';

/** As a client has it by default. */
export const MAX_MESSAGE_SIZE = 16 * 1024 * 1024;

/** Nothing that the doctor sends waits for long. */
const MOST_QUEUED_BYTES = 1024 * 1024;

/** One question, and what came instead of its answer. */
export type Answer<Value> =
  | { readonly type: 'answer'; readonly value: Value }
  /** There was no answer in time. */
  | { readonly type: 'silence' }
  | { readonly type: 'lost'; readonly end: ChannelEnd };

/**
 * A connection of ZMTP whose handshake is done, over the same channel as a client's: questions and answers, one at a time. It shows
 * what a client does not care for: the type of the peer's socket.
 */
export class Conversation {
  readonly peer: PeerMetadata;
  readonly #channel: Channel;
  #end: ChannelEnd | undefined;
  #heard: (frames: Frames) => void = () => {};
  #lost: (end: ChannelEnd) => void = () => {};

  /** @returns how the connection ended instead; undefined if the handshake was not done in time */
  static async open(
    socket: Socket,
    mechanism: Mechanism,
    timeoutMs: number,
  ): Promise<Conversation | ChannelEnd | undefined> {
    let made: Conversation | undefined;
    let channel: Channel | undefined;
    const outcome = await within<Conversation | ChannelEnd>(timeoutMs, (settle) => {
      const options = {
        mechanism,
        maxMessageSize: MAX_MESSAGE_SIZE,
        mostQueuedBytes: MOST_QUEUED_BYTES,
        farewellMs: 0,
        lingerMs: CLIENT_LINGER_MS,
      };
      const opened = new Channel(bytesOnly(socket), options, {
        onAsk: () => {},
        onReady: (peer) => settle((made = new Conversation(opened, peer))),
        onMessage: (frames) => made?.hear(frames),
        onEnded: (end) => {
          made?.end(end);
          settle(end);
        },
      });
      channel = opened;
      opened.start();
      return () => {};
    });
    if (!outcome) channel?.destroy();
    return outcome;
  }

  private constructor(channel: Channel, peer: PeerMetadata) {
    this.#channel = channel;
    this.peer = peer;
  }

  /**
   * @param read what an incoming message answers; undefined if it is something else
   * @param timeoutMs how long to wait for the answer
   */
  async ask<Value>(
    frames: OutgoingFrames,
    read: (frames: Frames) => Value | undefined,
    timeoutMs: number,
  ): Promise<Answer<Value>> {
    if (this.#end) return { type: 'lost', end: this.#end };
    const answer = await within<Answer<Value>>(timeoutMs, (settle) => {
      this.#heard = (heard) => {
        const value = read(heard);
        if (value !== undefined) settle({ type: 'answer', value });
      };
      this.#lost = (end) => settle({ type: 'lost', end });
      this.tell(frames);
      return () => (this.#heard = () => {});
    });
    return answer ?? { type: 'silence' };
  }

  tell(frames: OutgoingFrames): void {
    this.#channel.send(frames);
  }

  hear(frames: Frames): void {
    this.#heard(frames);
  }

  end(end: ChannelEnd): void {
    this.#end = end;
    this.#lost(end);
  }

  close(): void {
    this.#channel.close();
  }
}

export function isConversation(
  opened: Conversation | ChannelEnd | undefined,
): opened is Conversation {
  return opened instanceof Conversation;
}
