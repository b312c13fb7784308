import type { Router } from 'zeromq';
import type { FreelancePeer } from '../../security/peer.js';
import type { SealBook } from '../../security/seal-book.js';
import { errorCode } from '../error-code.js';
import type { OutgoingSocketFrames, Peer } from '../socket-port.js';
import { bytesOf, type TrafficTotal } from '../traffic-total.js';
import { sendNow } from './send-now.js';

/**
 * The sender of one message, made anew for each. A ROUTER identifies its peers by their routing ids: a message tells nothing else
 * about its sender, and a reply needs nothing else.
 */
export class RouterPeer implements Peer {
  readonly #router: Router;
  readonly #seals: SealBook | undefined;
  readonly #routingId: Buffer;
  readonly #traffic: TrafficTotal;
  readonly key: string;

  constructor(
    router: Router,
    seals: SealBook | undefined,
    traffic: TrafficTotal,
    routingId: Buffer,
  ) {
    this.#router = router;
    this.#seals = seals;
    this.#traffic = traffic;
    this.#routingId = routingId;
    this.key = routingId.toString('latin1');
  }

  get identity(): FreelancePeer | undefined {
    return this.#seals?.identify(this.key);
  }

  get isHeard(): boolean {
    return !this.#seals || this.identity !== undefined;
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    this.#traffic.sent += bytesOf(frames);
    const undelivered = this.#seals ? this.#noticingEnd(onUndelivered) : onUndelivered;
    sendNow(this.#router, [this.#routingId, ...frames], undelivered);
  }

  left(): void {
    this.#seals?.left(this.key);
  }

  #noticingEnd(onUndelivered = () => {}): (error?: unknown) => void {
    return (error) => {
      if (isUnreachable(error)) this.left();
      onUndelivered();
    };
  }
}

/** Whether there is no connection with that routing id. Otherwise, with EAGAIN, the peer does not read. */
function isUnreachable(error: unknown): boolean {
  return errorCode(error) === 'EHOSTUNREACH';
}
