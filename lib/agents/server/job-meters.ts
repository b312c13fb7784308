import { reservedNameOf } from '../../protocol/introspection.js';
import { CallMeter } from '../call-meter.js';
import type { CallStats } from '../call-stats.js';
import { MeterTable } from '../meter-table.js';
import { PatternMeters } from '../pattern-meters.js';
import { JobMeasurement, type JobMeter } from './job-measurement.js';
import type { ServerRequest } from './read-request.js';
import type { ServerErrorKind, ServerStats } from './server-stats.js';

export type JobStats = Pick<
  ServerStats,
  keyof CallStats | 'introspections' | 'patterns' | 'otherPatterns' | 'callers' | 'otherCallers'
>;

const newMeter = (): JobMeter => new CallMeter<ServerErrorKind>();

const read = (meter: JobMeter): CallStats<ServerErrorKind> => meter.stats();

/** Counts the jobs that got a place, by pattern and by client. */
export class JobMeters {
  readonly #patterns: PatternMeters<JobMeter>;
  /** A client that is gone makes room for another one. */
  readonly #callers = new MeterTable(newMeter, true);
  #introspections = 0;

  /** @param hasHandler whether the server has a handler for a pattern: clients can make up any number of others */
  constructor(hasHandler: ((pattern: string) => boolean) | undefined) {
    this.#patterns = new PatternMeters(newMeter, hasHandler);
  }

  /**
   * A job has got its place.
   *
   * @returns undefined for introspection, which is counted apart: who watches a server must not see that it does
   */
  began({ pattern, clientId }: ServerRequest): JobMeasurement | undefined {
    if (reservedNameOf(pattern) !== undefined) {
      this.#introspections++;
      return undefined;
    }
    const ofPattern = this.#patterns.of(pattern);
    const ofCaller = clientId === undefined ? this.#callers.others : this.#callers.of(clientId);
    return new JobMeasurement(ofPattern, ofCaller);
  }

  stats(): JobStats {
    return {
      ...this.#patterns.sum().stats(),
      ...this.#patterns.stats(read),
      introspections: this.#introspections,
      callers: this.#callers.list(read),
      otherCallers: read(this.#callers.others),
    };
  }
}
