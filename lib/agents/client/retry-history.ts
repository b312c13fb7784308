import type { AttemptReport } from '../../core/freelance-error.js';
import type { Eligibility } from '../../core/eligibility.js';
import type { AttemptFailure } from '../../core/retry.js';
import type { ServerTarget } from '../../core/server-target.js';
import type { Carriage } from './attempt-carrier.js';

/** A call that waits for busy servers asks them over and over, for as long as `connectTimeout` allows: so many are told. */
const MOST_REPORTS = 64;

/** A server that the call may go to. */
interface Destination {
  readonly endpoint: string;
  readonly connection: Carriage | undefined;
}

/** What a call has been through with servers that did not answer it. Most calls have none. */
export class RetryHistory implements Eligibility<Destination> {
  /** Of the latest tries that failed. */
  readonly reports: AttemptReport[] = [];
  /** How many failed before those. */
  unreported = 0;
  // A call may outlive many connections, so these two keep none alive.
  /** The connections over which servers refused it. */
  #refusedOver: WeakSet<Carriage> | undefined;
  /** The connections that did not deliver it. */
  #undeliveredBy: WeakSet<Carriage> | undefined;
  /** By endpoint: one that is taken out and put in again has another link, but is the same server. */
  readonly #triedAt = new Set<string>();
  /** Over which connection each server got an attempt that was given up, by endpoint. */
  readonly #gaveUpAt = new Map<string, Carriage>();
  /** How the latest attempt failed that may have run; undefined if none has. */
  failure: AttemptFailure | undefined;
  /** Attempts that were lost with their server. */
  losses = 0;
  /** When those that refused it are asked once more. Infinity: never, or they have been. */
  secondRoundAt = Infinity;
  #hasSecondRound = false;
  /** Whether it could have been tried again, had there been a token in the retry budget. */
  lackedBudget = false;

  report({ endpoint, name }: ServerTarget, outcome: string): void {
    this.reports.push(name === undefined ? { endpoint, outcome } : { endpoint, name, outcome });
    if (this.reports.length <= MOST_REPORTS) return;
    this.reports.shift();
    this.unreported++;
  }

  /** The server at the other end refused it. */
  refusedOver(connection: Carriage): void {
    (this.#refusedOver ??= new WeakSet()).add(connection);
  }

  /** The connection did not deliver it. */
  undeliveredBy(connection: Carriage): void {
    (this.#undeliveredBy ??= new WeakSet()).add(connection);
  }

  /** That server has it, or had it. */
  triedAt(endpoint: string): void {
    this.#triedAt.add(endpoint);
  }

  /** An attempt there had no answer in its time, and is given up. */
  gaveUpAt(endpoint: string, connection: Carriage): void {
    this.#gaveUpAt.set(endpoint, connection);
  }

  /**
   * Whether that server may still run an attempt that was given up: it is not asked again. One that cannot tell calls
   * apart may not even know that it has lost the connection.
   */
  mayStillRunAt({ endpoint }: Destination): boolean {
    const connection = this.#gaveUpAt.get(endpoint);
    return connection !== undefined && !(connection.isOver && connection.namesCalls);
  }

  /** Whether some server is not to be asked, so that another call may find one where this does not. */
  get isChoosy(): boolean {
    const isBarred = this.#refusedOver !== undefined || this.#undeliveredBy !== undefined;
    return isBarred || this.#gaveUpAt.size > 0;
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
    this.#refusedOver = undefined;
  }

  cannotGoTo(server: Destination): boolean {
    return (
      this.wasRefusedBy(server) || this.#wasUndeliveredTo(server) || this.mayStillRunAt(server)
    );
  }

  wasRefusedBy({ connection }: Destination): boolean {
    return connection !== undefined && (this.#refusedOver?.has(connection) ?? false);
  }

  wasTriedAt({ endpoint }: Destination): boolean {
    return this.#triedAt.has(endpoint);
  }

  #wasUndeliveredTo({ connection }: Destination): boolean {
    return connection !== undefined && (this.#undeliveredBy?.has(connection) ?? false);
  }
}
