import { isIP } from 'node:net';
import type { Environment } from '../agents/clock.js';
import { LONGEST_PAUSE_MS } from '../core/discovery-schedule.js';
import { withTimeLimit } from './time-limit.js';
import { codeOf, isAbsence, LookupError, lookupError } from './lookup-error.js';
import type { AddressRecord, Names } from './names.js';
import { searchName } from './name-search.js';
import { withoutDot } from './search-list.js';
import type { Answer } from './shared-watch.js';

export type Family = 4 | 6;

export interface HostLookupDeps {
  readonly names: Names;
  readonly clock: Environment['clock'];
}

/** The host of an answer, at least one address. */
export type HostAnswer = Answer<readonly string[]>;

/**
 * How long name servers alone may take for the first answer, in ms, before the machine itself is asked as well: a name of the hosts
 * file needs no name server.
 */
export const HOSTS_FILE_AFTER_MS = 1000;

/** How long a whole look-up may take, in ms, with all the names that the search list makes of one. */
export const LONGEST_LOOKUP_MS = 5000;

/** "This host" by RFC 1122 and RFC 4291. Name servers that block a name answer with it. */
const NO_ADDRESS = new Set(['0.0.0.0', '::']);

/** The addresses of one host, again and again: by A and AAAA records, else by what the machine knows. */
export class HostLookup {
  readonly #host: string;
  readonly #families: readonly Family[];
  readonly #deps: HostLookupDeps;
  /** The last good records. */
  #records: ReadonlyMap<Family, readonly AddressRecord[]> = new Map();

  /** @param host absolute if it ends with a dot */
  constructor(host: string, families: readonly Family[], deps: HostLookupDeps) {
    this.#host = host;
    this.#families = families;
    this.#deps = deps;
  }

  /** By records, or at first by what the machine knows. @throws LookupError */
  ask(signal: AbortSignal): Promise<HostAnswer> {
    return this.#limited(signal, (limit) => {
      const records = this.#byRecords(limit);
      // What name servers have said once stays until they say otherwise: a hosts file does not come in between.
      if (this.#records.size > 0) return records;
      const machine = this.#without(records).then(() => this.#byMachine(limit));
      return Promise.any([records, machine]).catch(() => records);
    });
  }

  /** By records alone. @throws LookupError */
  askRecords(signal: AbortSignal): Promise<HostAnswer> {
    return this.#limited(signal, (limit) => this.#byRecords(limit));
  }

  #limited(
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Promise<HostAnswer>,
  ): Promise<HostAnswer> {
    return withTimeLimit(signal, this.#deps.clock, LONGEST_LOOKUP_MS, ask);
  }

  /** Resolves once records are late or will not come; stays pending if they come. */
  #without(records: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(HOSTS_FILE_AFTER_MS, resolve);
      records.then(cancel, () => {
        cancel();
        resolve();
      });
    });
  }

  async #byMachine(signal: AbortSignal): Promise<HostAnswer> {
    const { names } = this.#deps;
    // Records do not come, either, if nobody waits any more.
    signal.throwIfAborted();
    const all = await names.lookup(withoutDot(this.#host), signal);
    const value = all.filter(
      (address) =>
        !NO_ADDRESS.has(address) && this.#families.some((family) => isIP(address) === family),
    );
    if (value.length === 0) throw new LookupError(`${this.#host} has no address`);
    return { value, ttlMs: LONGEST_PAUSE_MS, warnings: [] };
  }

  async #byRecords(signal: AbortSignal): Promise<HostAnswer> {
    try {
      return await searchName(this.#deps.names, this.#host, (name) => this.#ask(name, signal));
    } catch (error) {
      throw lookupError(`${this.#kinds} of ${withoutDot(this.#host)}`, error);
    }
  }

  async #ask(name: string, signal: AbortSignal): Promise<HostAnswer> {
    const { names } = this.#deps;
    const answers = await Promise.all(
      this.#families.map(async (family) => {
        const records = family === 4 ? names.resolve4(name, signal) : names.resolve6(name, signal);
        return { family, ...(await records.then(asRecords, asFailure)) };
      }),
    );
    const found = new Map<Family, readonly AddressRecord[]>();
    const warnings: string[] = [];
    for (const { family, records } of answers) {
      const usable = records.filter(({ address }) => !NO_ADDRESS.has(address));
      if (usable.length > 0) found.set(family, usable);
      if (usable.length < records.length)
        warnings.push(`${withoutDot(name)} has an address that is none`);
    }
    if (found.size === 0) throw mostTelling(answers.map(({ error }) => error));
    // A kind of records of which there is no answer, while there is one of the other kind, stays.
    for (const { family, error } of answers) {
      const last = this.#records.get(family);
      if (error === undefined || isAbsence(error) || !last) continue;
      found.set(family, last);
      const { message } = lookupError(`${KINDS[family]} records of ${withoutDot(name)}`, error);
      warnings.push(`${message}; the last ones stay`);
    }
    this.#records = found;
    const all = [...found.values()].flat();
    const ttl = Math.min(...all.map((record) => record.ttl));
    return { value: all.map(({ address }) => address), ttlMs: ttl * 1000, warnings };
  }

  get #kinds(): string {
    return `${this.#families.map((family) => KINDS[family]).join(' and ')} records`;
  }
}

const KINDS: Readonly<Record<Family, string>> = { 4: 'A', 6: 'AAAA' };

interface FamilyAnswer {
  readonly records: readonly AddressRecord[];
  /** Why there are none. */
  readonly error: unknown;
}

function asRecords(records: readonly AddressRecord[]): FamilyAnswer {
  return { records, error: undefined };
}

function asFailure(error: unknown): FamilyAnswer {
  return { records: [], error: error ?? new Error('it failed') };
}

/** A failure before an absence; "no such record" before "no such name". */
function mostTelling(errors: readonly unknown[]): unknown {
  const [first] = errors.toSorted((one, other) => rankOf(other) - rankOf(one));
  return first ?? Object.assign(new Error('no usable address'), { code: 'ENODATA' });
}

function rankOf(error: unknown): number {
  if (error === undefined) return 0;
  if (!isAbsence(error)) return 3;
  return codeOf(error) === 'ENODATA' ? 2 : 1;
}
