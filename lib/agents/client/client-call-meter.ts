import { CallMeter } from '../call-meter.js';
import type { AttemptReason } from './call-contract.js';
import type { CallErrorKind, ClientCallStats } from './client-stats.js';

/** Counts the calls of one pattern, or the attempts at one server. */
export class ClientCallMeter extends CallMeter<CallErrorKind> {
  readonly #again = { retry: 0, move: 0, hedge: 0 };

  /** An attempt was sent. */
  sent(reason: AttemptReason): void {
    if (reason !== 'first') this.#again[reason]++;
  }

  override add(other: ClientCallMeter): void {
    super.add(other);
    this.#again.retry += other.#again.retry;
    this.#again.move += other.#again.move;
    this.#again.hedge += other.#again.hedge;
  }

  override stats(): ClientCallStats {
    const { retry, move, hedge } = this.#again;
    return { ...super.stats(), retried: retry, moved: move, hedged: hedge };
  }
}
