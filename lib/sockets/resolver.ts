import dns from 'node:dns';
import { isIP } from 'node:net';
import { inNobodysContext } from '../async-context.js';
import { makeRoom } from '../make-room.js';
import { asMicrotask } from '../node-timers.js';
import { type Clock, nodeClock } from './clock.js';
import { errorCode } from './error-code.js';
import { reasonOf } from './reason-of.js';

export interface ResolvedAddress {
  readonly address: string;
  /** 4 or 6 */
  readonly family: number;
}

/** The addresses of a host, at least one, in the system's order; or why there are none: for people, and as a code. */
export type Resolution =
  | { readonly addresses: readonly ResolvedAddress[] }
  | { readonly reason: string; readonly code: string };

export type Lookup = (
  name: string,
  done: (error: Error | null, addresses: readonly ResolvedAddress[]) => void,
) => void;

interface LookupState {
  /** The callers that wait for the answer. */
  readonly waiting: Set<(resolution: Resolution) => void>;
  isRunning: boolean;
}

/** How long a look-up may take, in ms: as long as glibc waits for one DNS server (`timeout` in resolv.conf(5)). */
export const LOOKUP_MS = 5000;

/**
 * How many look-ups run at once. One that hangs blocks one of libuv's threads, of which the whole process has four for files,
 * cryptography and look-ups (UV_THREADPOOL_SIZE).
 */
const MOST_LOOKUPS = 2;

/**
 * How long an answer that came too late is kept for the next attempt, in ms. Otherwise a name would never resolve whose first
 * DNS server is down, so that each look-up takes longer than `LOOKUP_MS`.
 */
const LATE_ANSWER_MS = 15_000;

/** How many late answers are kept. */
const MOST_LATE_ANSWERS = 256;

/**
 * Resolves the host names of endpoints with `dns.lookup`, as everything else on the machine does: with /etc/hosts, the search
 * domains of a cluster, and both families. At most two look-ups run at once, and one per name, so that DNS servers that do not
 * answer delay nothing but other names.
 */
export class Resolver {
  readonly #lookup: Lookup;
  readonly #clock: Clock;
  /** By name, the oldest first. Those that do not run wait for their turn. */
  readonly #lookups = new Map<string, LookupState>();
  readonly #late = new Map<string, { resolution: Resolution; until: number }>();
  #running = 0;

  constructor(lookup = lookupOfNode, clock: Clock = nodeClock) {
    this.#lookup = lookup;
    this.#clock = clock;
  }

  /**
   * @param host a name, or an IP address, which needs no look-up
   * @param limitMs how long the caller waits, in ms
   * @param onResolved called once, never before this method returns
   * @returns cancels: `onResolved` is not called any more
   */
  resolve(host: string, limitMs: number, onResolved: (resolution: Resolution) => void): () => void {
    const family = isIP(host);
    if (family !== 0) return inMicrotask({ addresses: [{ address: host, family }] }, onResolved);
    const late = this.#takeLate(host);
    if (late) return inMicrotask(late, onResolved);
    const lookup = this.#lookupOf(host);
    const cancel = () => {
      cancelTimer();
      lookup.waiting.delete(answer);
      if (lookup.waiting.size === 0 && !lookup.isRunning) this.#forget(host, lookup);
    };
    const answer = (resolution: Resolution) => {
      cancel();
      onResolved(resolution);
    };
    const cancelTimer = this.#clock.after(limitMs, () =>
      answer({
        reason: `the name ${host} has not resolved within ${limitMs} ms`,
        code: 'ETIMEDOUT',
      }),
    );
    lookup.waiting.add(answer);
    this.#runNext();
    return cancel;
  }

  #lookupOf(name: string): LookupState {
    let lookup = this.#lookups.get(name);
    if (!lookup) this.#lookups.set(name, (lookup = { waiting: new Set(), isRunning: false }));
    return lookup;
  }

  #forget(name: string, lookup: LookupState): void {
    if (this.#lookups.get(name) === lookup) this.#lookups.delete(name);
  }

  #runNext(): void {
    for (const [name, lookup] of this.#lookups) {
      if (this.#running >= MOST_LOOKUPS) return;
      if (!lookup.isRunning) this.#run(name, lookup);
    }
  }

  #run(name: string, lookup: LookupState): void {
    lookup.isRunning = true;
    this.#running++;
    let isDone = false;
    const done = (error: unknown, answer?: unknown) => {
      if (isDone) return;
      isDone = true;
      // Even a look-up that answers at once must answer after `resolve` has returned.
      asMicrotask(() => this.#answered(name, lookup, resolutionOf(name, error, answer)));
    };
    try {
      inNobodysContext(this.#lookup, name, done);
    } catch (error) {
      done(error);
    }
  }

  #answered(name: string, lookup: LookupState, resolution: Resolution): void {
    this.#running--;
    this.#forget(name, lookup);
    if (lookup.waiting.size === 0) this.#keep(name, resolution);
    this.#runNext();
    // A callback may cancel another one: iterating the Set then skips it.
    for (const answer of lookup.waiting) answer(resolution);
  }

  #keep(name: string, resolution: Resolution): void {
    this.#late.delete(name);
    makeRoom(this.#late, MOST_LATE_ANSWERS);
    this.#late.set(name, { resolution, until: this.#clock.now() + LATE_ANSWER_MS });
  }

  /** Valid for one attempt: the next one looks the name up again. */
  #takeLate(name: string): Resolution | undefined {
    const late = this.#late.get(name);
    this.#late.delete(name);
    return late && this.#clock.now() < late.until ? late.resolution : undefined;
  }
}

/** @param answer unknown: a process may have replaced `dns.lookup` with a function that answers differently */
function resolutionOf(name: string, error: unknown, answer: unknown): Resolution {
  const addresses = error ? [] : (Array.isArray(answer) ? answer : [answer]).flatMap(addressOf);
  if (addresses.length > 0) return { addresses };
  const why = error ? (errorCode(error) ?? reasonOf(error)) : 'it has no address';
  return {
    reason: `the name ${name} does not resolve (${why})`,
    code: errorCode(error) ?? 'ENOTFOUND',
  };
}

function addressOf(answer: unknown): ResolvedAddress[] {
  const given = answer as Partial<ResolvedAddress> | string | null | undefined;
  const address = typeof given === 'string' ? given : given?.address;
  const family = typeof address === 'string' ? isIP(address) : 0;
  return address === undefined || family === 0 ? [] : [{ address, family }];
}

function inMicrotask(
  resolution: Resolution,
  onResolved: (resolution: Resolution) => void,
): () => void {
  let isWaiting = true;
  asMicrotask(() => isWaiting && onResolved(resolution));
  return () => (isWaiting = false);
}

/** Calls it on the module's object, where a process may have replaced it. */
function lookupOfNode(name: string, done: Parameters<Lookup>[1]): void {
  dns.lookup(name, { all: true }, done);
}

/** The resolver of all sockets of this thread, which share its bounds. */
export const resolver = new Resolver();
