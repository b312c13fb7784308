import type { Network } from '../network/network.js';
import type { Process } from '../world/process.js';

/** Tolerance beyond the network's delay, in ms: timers are late, and fire at whole milliseconds. */
const SLACK_MS = 20;

/** Whether all was well between a client and a server, so that each soon hears what the other sends. */
export class Calm {
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  /** The time within which a server hears a client's message if nothing is wrong. */
  hearsAfter(client: Process, server: Process): number {
    return this.#network.route(client.host, server.host).usualDelay + SLACK_MS;
  }

  /** Whether a message sent then must have arrived by now. For a process that died, only the network matters. */
  since(moment: number, from: Process, to: Process): boolean {
    const route = this.#network.route(from.host, to.host);
    return (
      to.isAlive &&
      !route.wasTroubledSince(moment) &&
      !to.wasPausedSince(moment) &&
      !(from.isAlive && from.wasPausedSince(moment))
    );
  }
}
