import { isMalformed, type MalformedReason } from '../../protocol/malformed.js';
import type { ClientMessage, Content, Frames, ServerMessage } from '../../protocol/messages.js';
import { decodePack, isPack } from '../../protocol/pack.js';
import { decodeServerMessage, encodeClientMessage } from '../../protocol/plain-frames.js';
import type { Connection, SocketPort } from '../../sockets/socket-port.js';
import type { Environment } from '../clock.js';
import { Outbox } from '../outbox.js';
import type { Attempt } from './call.js';

/** Who hears what comes over a line. After `close` it hears nothing but what was not delivered. */
export interface LineListener {
  ready(): void;
  heard(message: ServerMessage): void;
  unreadable(reason: MalformedReason): void;
  undelivered(attempt: Attempt): void;
  lost(reason: string): void;
}

/** One connection to a server, message by message: packs what goes out, unpacks what comes in. */
export class Line {
  readonly #listener: LineListener;
  readonly #connection: Connection;
  readonly #outbox: Outbox<Attempt | undefined>;
  #isOpen = true;

  constructor(
    endpoint: string,
    sockets: SocketPort,
    { atTurnEnd }: Environment,
    listener: LineListener,
  ) {
    this.#listener = listener;
    this.#connection = sockets.connect(endpoint, {
      onReady: () => this.#isOpen && listener.ready(),
      onMessage: (frames) => this.#received(frames),
      onLost: (reason) => {
        if (!this.#isOpen) return;
        this.#isOpen = false;
        listener.lost(reason);
      },
    });
    this.#outbox = new Outbox({
      post: (frames, onUndelivered) => this.#connection.send(frames, onUndelivered),
      undelivered: (attempt) => attempt && listener.undelivered(attempt),
      atTurnEnd,
    });
  }

  /** Whether the server understands PACK. */
  set packs(packs: boolean) {
    this.#outbox.packs = packs;
  }

  /** @param attempt whose message it is; told to the listener if the connection does not take it */
  send(message: ClientMessage<Content>, attempt?: Attempt): void {
    const frames = encodeClientMessage(message);
    // A PING measures the way: it does not wait for others.
    if (message.type === 'ping') this.#outbox.sendAlone(frames, attempt);
    else this.#outbox.send(frames, attempt);
  }

  /** What waits for the end of the turn is sent first. */
  close(): void {
    this.#outbox.flush();
    this.#isOpen = false;
    this.#connection.close();
  }

  /** Attempts that wait for the end of the turn, and now are not sent any more. */
  takeUnsent(): readonly Attempt[] {
    return this.#outbox.clear().filter((attempt) => attempt !== undefined);
  }

  unwrap(): unknown {
    return this.#connection.unwrap();
  }

  #received(frames: Frames): void {
    if (!isPack(frames)) {
      this.#heard(frames);
      return;
    }
    const messages = decodePack(frames);
    if (isMalformed(messages)) this.#listener.unreadable(messages.reason);
    else for (const message of messages) this.#heard(message);
  }

  #heard(frames: Frames): void {
    // The message before may have ended the connection.
    if (!this.#isOpen) return;
    const message = decodeServerMessage(frames);
    if (isMalformed(message)) this.#listener.unreadable(message.reason);
    else this.#listener.heard(message);
  }
}
