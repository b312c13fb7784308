import type { AttemptReport } from '../../core/freelance-error.js';
import type { CallExperience } from '../../core/pool.js';
import type { AttemptFailure } from '../../core/retry.js';
import type { Attempt } from './attempt.js';
import type { ServerLink } from './server-link.js';

/** A call that waits for busy servers asks them over and over, for as long as `connectTimeout` allows: so many are told. */
const MOST_REPORTS = 64;

/** What a call has been through with servers that did not answer it. Most calls have none. */
export class Experience implements CallExperience<ServerLink> {
  /** Of the latest tries that failed. */
  readonly reports: AttemptReport[] = [];
  /** How many failed before those. */
  unreported = 0;
  /** On which connection each server refused it, or could not get it. */
  readonly #barred = new Map<ServerLink, { epoch: number; by: 'server' | 'connection' }>();
  /** By endpoint: one that is taken out and put in again has another link, but is the same server. */
  readonly #triedAt = new Set<string>();
  /** Over which connection each server got an attempt that was given up, by endpoint. */
  readonly #gaveUpAt = new Map<string, { link: ServerLink; epoch: number }>();
  /** How the latest attempt failed that may have run; undefined if none has. */
  failure: AttemptFailure | undefined;
  /** Attempts that were lost with their server. */
  losses = 0;
  /** When those that refused it are asked once more. Infinity: never, or they have been. */
  secondRoundAt = Infinity;
  #hasSecondRound = false;
  /** Whether it could have been tried again, had there been a token in the retry budget. */
  lackedBudget = false;

  report({ link }: Attempt, outcome: string): void {
    this.reports.push({ endpoint: link.endpoint, outcome });
    if (this.reports.length <= MOST_REPORTS) return;
    this.reports.shift();
    this.unreported++;
  }

  /** The attempt did not run. */
  barred({ link }: Attempt, by: 'server' | 'connection'): void {
    this.#barred.set(link, { epoch: link.epoch, by });
  }

  /** That server has it, or had it. */
  triedAt(link: ServerLink): void {
    this.#triedAt.add(link.endpoint);
  }

  /**
   * An attempt there had no answer in its time, and is given up. A server stops what runs for a client whose
   * connection it lost; one that cannot name calls may not even know that it has lost it.
   */
  gaveUpAt(link: ServerLink): void {
    this.#gaveUpAt.set(link.endpoint, {
      link,
      epoch: link.namesCalls ? link.epoch : Infinity,
    });
  }

  /** Whether that server may still run an attempt that was given up: it is not asked again. */
  mayStillRunAt({ endpoint }: ServerLink): boolean {
    const last = this.#gaveUpAt.get(endpoint);
    return last !== undefined && !last.link.isPast(last.epoch);
  }

  /** Whether some server is not to be asked, so that another call may find one where this does not. */
  get isChoosy(): boolean {
    return this.#barred.size > 0 || this.#gaveUpAt.size > 0;
  }

  /** Every server has refused it. There is one second round; false if that was it. */
  planSecondRound(at: number): boolean {
    if (this.#hasSecondRound) return false;
    this.#hasSecondRound = true;
    this.secondRoundAt = at;
    return true;
  }

  /** Those that refused it may be asked once more. */
  forgetRefusals(): void {
    this.secondRoundAt = Infinity;
    for (const [link, { by }] of this.#barred) if (by === 'server') this.#barred.delete(link);
  }

  cannotGoTo(link: ServerLink): boolean {
    return this.#isBarredFrom(link) || this.mayStillRunAt(link);
  }

  wasRefusedBy(link: ServerLink): boolean {
    return this.#isBarredFrom(link) && this.#barred.get(link)?.by === 'server';
  }

  wasTriedAt(link: ServerLink): boolean {
    return this.#triedAt.has(link.endpoint);
  }

  #isBarredFrom(link: ServerLink): boolean {
    return this.#barred.get(link)?.epoch === link.epoch;
  }
}
