import type { Clock } from '../../agents/clock.js';
import { DelayLine } from './delay-line.js';
import { Gate } from './gate.js';
import { Refusals } from './refusals.js';

/**
 * What may go wrong with one server.
 *
 * ```
 *   clients ──▶ network ─────────▶ process ──▶ refusals ──▶ agent
 *   clients ◀── network ◀── delay ◀── process ◀──────────── agent
 * ```
 */
export class Faults {
  /** Closed while the process is frozen: it receives and sends nothing, and its timers wait. */
  readonly process = new Gate();
  /** Closed while the server is cut off. */
  readonly network = new Gate();
  /** Of what the server sends. */
  readonly delay: DelayLine;
  readonly refusals: Refusals;

  /** @param clock of the network, which runs on while the process is frozen */
  constructor(serverId: string, clock: Clock) {
    this.delay = new DelayLine(clock);
    this.refusals = new Refusals(serverId);
  }

  receive(run: () => void): void {
    this.network.pass(() => this.process.pass(run));
  }

  send(run: () => void): void {
    this.leave(() => this.network.pass(run));
  }

  /** Runs once what was sent before has left for the network. */
  leave(run: () => void): void {
    this.process.pass(() => this.delay.pass(run));
  }

  /** Nothing is received or sent any more, and no timer of the process fires. */
  end(): void {
    this.process.remove();
    this.network.remove();
    this.delay.end();
  }
}
