import type { AttemptReports } from './attempt-reports.js';
import type { AttemptOutcome } from './call-contract.js';
import type { Attempt } from './call.js';
import { ClientCallMeter } from './client-call-meter.js';
import type { ClientCallStats } from './client-stats.js';

/** Counts and reports the attempts at one server. */
export class AttemptMeter {
  readonly #reports: AttemptReports;
  readonly #meter = new ClientCallMeter();
  #refused = 0;

  constructor(reports: AttemptReports) {
    this.#reports = reports;
  }

  sent(attempt: Attempt): void {
    const { call, reason } = attempt;
    this.#meter.began();
    this.#meter.sent(reason);
    call.meter.sent(reason);
    this.#reports.sent(attempt);
  }

  ended(attempt: Attempt, outcome: AttemptOutcome, now: number): void {
    this.#count(outcome, now - attempt.sentAt);
    this.#reports.ended(attempt, outcome, now);
  }

  stats(): ClientCallStats & { refused: number } {
    return { ...this.#meter.stats(), refused: this.#refused };
  }

  #count(outcome: AttemptOutcome, ms: number): void {
    const meter = this.#meter;
    switch (outcome) {
      case 'completed':
        return meter.answered(ms);
      case 'failed':
        return meter.failed('HANDLER', ms);
      case 'unreadable':
        return meter.failed('PROTOCOL', ms);
      case 'lost':
        return meter.failed('ECONNRESET', ms);
      case 'timed-out':
        return meter.failed('ETIMEDOUT', ms);
      case 'refused':
      case 'undelivered':
        this.#refused++;
        return meter.refused();
      case 'outrun':
      case 'abandoned':
        return meter.cancelled();
    }
  }
}
