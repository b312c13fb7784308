import type { Observable } from 'rxjs';
import type { ClientStats } from '../../agents/client/client-stats.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { isError } from '../../is-error.js';
import { reasonOf } from '../../sockets/reason-of.js';
import { jsonText } from '../json-line.js';
import type { CallOutcome } from './load.js';
import type { BenchTarget } from './run-bench.js';

/** As much of a client as a bench needs. */
export interface BenchedClient {
  send(pattern: unknown, data: unknown): Observable<unknown>;
  stats(): ClientStats;
}

/** A call ends with its last value: a stream counts once. */
export function clientTarget(client: BenchedClient, pattern: unknown, data: unknown): BenchTarget {
  return {
    begin: (ended) => {
      const call = client.send(pattern, data).subscribe({
        complete: () => ended({ type: 'answered' }),
        error: (error: unknown) => ended(failureOf(error)),
      });
      return () => call.unsubscribe();
    },
    stats: () => client.stats(),
  };
}

/** The kinds of `stats().errors`: a code of the library, or `HANDLER` for what a handler has answered with. */
function failureOf(error: unknown): CallOutcome {
  const kind = error instanceof FreelanceError ? error.code : 'HANDLER';
  return { type: 'failed', kind, message: messageOf(error) };
}

function messageOf(error: unknown): string {
  if (isError(error)) return error.message;
  if (typeof error === 'string') return error;
  try {
    // What a handler throws may be any JSON.
    return jsonText(error);
  } catch (unprintable) {
    return reasonOf(unprintable);
  }
}
