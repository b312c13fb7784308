import type { Network } from '../network/network.js';
import type { Process } from '../world/process.js';

/** Beside what the network takes: timers are late, and end in whole milliseconds. In ms. */
const SLACK_MS = 20;

/** Whether nothing was wrong between a client and a server, so that what one says the other soon hears. */
export class Calm {
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  /** A message of the client is heard by the server after so long, if nothing is wrong. */
  hearsAfter(client: Process, server: Process): number {
    return this.#network.route(client.host, server.host).usualDelay + SLACK_MS;
  }

  /** Whether what one said has reached the other since then. Who has died needs no more than the network. */
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
