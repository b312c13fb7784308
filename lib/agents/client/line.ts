import { isMalformed, type Malformed, type MalformedReason } from '../../protocol/malformed.js';
import type { Frames, OutgoingClientMessage, ServerMessage } from '../../protocol/messages.js';
import { decodeServerPack, isPack } from '../../protocol/pack.js';
import { decodeServerMessage, encodeClientMessage } from '../../protocol/plain-frames.js';
import type { Connection, LossCause, SocketPort } from '../../sockets/socket-port.js';
import type { Environment } from '../clock.js';
import { hearAll } from '../hear-all.js';
import { Outbox } from '../outbox.js';
import type { Attempt } from './attempt.js';

/** Who hears what comes over a line. After `close` it hears nothing but what was not delivered. */
export interface LineListener {
  ready(): void;
  heard(message: ServerMessage): void;
  unreadable(reason: MalformedReason): void;
  undelivered(attempt: Attempt): void;
  /** How many calls the server has. */
  pending(): number;
  lost(reason: string, cause: LossCause): void;
}

/** One connection to a server, message by message: packs what goes out, unpacks what comes in. */
export class Line {
  readonly #listener: LineListener;
  readonly #connection: Connection;
  readonly #outbox: Outbox<OutgoingClientMessage, Attempt | undefined>;
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
      onLost: (reason, cause) => {
        if (!this.#isOpen) return;
        this.#isOpen = false;
        listener.lost(reason, cause);
      },
    });
    this.#outbox = new Outbox({
      encode: encodeClientMessage,
      post: (frames, onUndelivered) => this.#connection.send(frames, onUndelivered),
      undelivered: (attempt) => attempt && listener.undelivered(attempt),
      atTurnEnd,
      firstBatch: sockets.firstBatch,
      open: () => listener.pending(),
    });
  }

  /** Whether the server understands PACK. */
  set packs(packs: boolean) {
    this.#outbox.packs = packs;
  }

  /** @param attempt whose message it is; told to the listener if the connection does not take it */
  send(message: OutgoingClientMessage, attempt?: Attempt): void {
    // A PING measures the way: it does not wait for others. The older dialects know no PACK.
    if (
      message.type === 'ping' ||
      (message.type === 'request' && message.dialect !== 'negotiated')
    ) {
      this.#outbox.sendAlone(message, attempt);
    } else {
      this.#outbox.send(message, attempt);
    }
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
    if (isPack(frames)) hearAll(decodeServerPack(frames), (message) => this.#heard(message));
    else this.#heard(decodeServerMessage(frames));
  }

  #heard(message: ServerMessage | Malformed): void {
    // The message before may have ended the connection.
    if (!this.#isOpen) return;
    if (isMalformed(message)) this.#listener.unreadable(message.reason);
    else this.#listener.heard(message);
  }
}
