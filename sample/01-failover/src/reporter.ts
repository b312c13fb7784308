import { Inject, Injectable } from '@nestjs/common';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { Caller, PRICES } from './caller.js';
import type { Outcome } from './messages.js';
import { parentSays, tellParent } from './parent.js';

const REPORT_EVERY_MS = 100;

/** Runs the caller, and reports to the parent what the client sees. */
@Injectable()
export class Reporter {
  private outcomes: Outcome[] = [];

  constructor(
    @Inject(PRICES) private readonly prices: FreelanceClientProxy,
    @Inject(Caller) private readonly caller: Caller,
  ) {}

  async run(): Promise<void> {
    for (const event of ['up', 'suspect', 'down'] as const) {
      this.prices.on(event, (endpoint, reason) =>
        tellParent({ type: 'sighting', event, endpoint, reason, at: Date.now() }),
      );
    }
    await this.prices.connect();
    tellParent({ type: 'ready' });

    const reports = setInterval(() => this.report(), REPORT_EVERY_MS);
    await this.caller
      .callUntil(parentSays('finish'))
      .forEach((outcome) => void this.outcomes.push(outcome));
    clearInterval(reports);
    this.report();
    tellParent({ type: 'finished' });
  }

  private report(): void {
    tellParent({ type: 'report', stats: this.prices.stats(), outcomes: this.outcomes });
    this.outcomes = [];
  }
}
