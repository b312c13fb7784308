import { LONGEST_PAUSE_MS } from '../core/discovery-schedule.js';
import { type Family, HostLookup, type HostLookupDeps, LONGEST_LOOKUP_MS } from './host-lookup.js';
import { withTimeLimit } from './time-limit.js';
import { LookupError, lookupError } from './lookup-error.js';
import type { SrvRecord } from './names.js';
import { searchName } from './name-search.js';
import { withoutDot } from './search-list.js';
import type { Answer } from './shared-watch.js';

/** One address of one SRV record. */
export interface SrvServer {
  readonly address: string;
  readonly port: number;
  /** Without the dot of the root. */
  readonly host: string;
  readonly priority: number;
  readonly weight: number;
}

/**
 * What a weight of 0 means beside others: "a very small chance of being selected" (RFC 2782). Records that all have it share
 * evenly.
 */
const WEIGHT_OF_ZERO = 0.01;

/** How many hosts are looked up at a time: a service of hundreds must not flood its name server. */
const AT_A_TIME = 16;

/** The servers of a service, again and again: its SRV records, and the addresses of the hosts that they name. */
export class SrvLookup {
  readonly #service: string;
  readonly #families: readonly Family[];
  readonly #deps: HostLookupDeps;
  /** Of the hosts of the last answer: each keeps its last good records. */
  #hosts: ReadonlyMap<string, HostAddresses> = new Map();

  constructor(service: string, families: readonly Family[], deps: HostLookupDeps) {
    this.#service = service;
    this.#families = families;
    this.#deps = deps;
  }

  /** @throws LookupError */
  async ask(signal: AbortSignal): Promise<Answer<readonly SrvServer[]>> {
    const records = await this.#records(signal);
    const warnings: string[] = [];
    const usable = records.filter((record) => {
      const fault = faultOf(record);
      if (fault !== undefined) warnings.push(fault);
      return fault === undefined;
    });
    const names = new Set(usable.map(({ name }) => withoutDot(name)));
    const hosts = new Map(
      Array.from(names, (name) => [name, this.#hosts.get(name) ?? this.#host(name)]),
    );
    this.#hosts = hosts;
    const answers = await this.#addresses(hosts, signal);
    for (const { fault } of answers.values()) if (fault !== undefined) warnings.push(fault);
    const value = usable.flatMap((record) => serversOf(record, answers));
    if (value.length === 0) {
      throw new LookupError(warnings[0] ?? `SRV records of ${this.#service}: there are none`);
    }
    const ttlMs = Math.min(...Array.from(answers.values(), (answer) => answer.ttlMs));
    return { value, ttlMs, warnings };
  }

  async #records(signal: AbortSignal): Promise<readonly SrvRecord[]> {
    const { names, clock } = this.#deps;
    try {
      return await withTimeLimit(signal, clock, LONGEST_LOOKUP_MS, (limit) =>
        searchName(names, this.#service, (name) => names.resolveSrv(name, limit)),
      );
    } catch (error) {
      throw lookupError(`SRV records of ${withoutDot(this.#service)}`, error);
    }
  }

  /** Hosts in SRV records are absolute, and need records: RFC 2782. */
  #host(name: string): HostAddresses {
    return { lookup: new HostLookup(`${name}.`, this.#families, this.#deps), last: [] };
  }

  async #addresses(
    hosts: ReadonlyMap<string, HostAddresses>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, FoundAddresses>> {
    const answers = new Map<string, FoundAddresses>();
    const queue = [...hosts];
    const work = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [name, host] = next;
        answers.set(name, await addressesOf(host, signal));
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    return answers;
  }
}

interface HostAddresses {
  readonly lookup: HostLookup;
  last: readonly string[];
}

interface FoundAddresses {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
  readonly fault: string | undefined;
}

async function addressesOf(host: HostAddresses, signal: AbortSignal): Promise<FoundAddresses> {
  try {
    const { value, ttlMs, warnings } = await host.lookup.askRecords(signal);
    host.last = value;
    return { addresses: value, ttlMs, fault: warnings[0] };
  } catch (error) {
    const why = error instanceof LookupError ? error.message : String(error);
    const stays = host.last.length > 0 ? '; the last addresses stay' : '';
    // Soon again: it says nothing of how long its absence holds.
    return { addresses: host.last, ttlMs: LONGEST_PAUSE_MS / 6, fault: `${why}${stays}` };
  }
}

function faultOf({ name, port }: SrvRecord): string | undefined {
  if (withoutDot(name) === '')
    return 'an SRV record says that there is no such service (its host is the root)';
  return port === 0 ? `an SRV record has no port for ${withoutDot(name)}` : undefined;
}

/** The addresses of one host share its weight. */
function serversOf(
  { name, port, priority, weight }: SrvRecord,
  answers: ReadonlyMap<string, FoundAddresses>,
): readonly SrvServer[] {
  const host = withoutDot(name);
  const addresses = answers.get(host)?.addresses ?? [];
  const share = Math.max((weight === 0 ? WEIGHT_OF_ZERO : weight) / addresses.length, 0.001);
  return addresses.map((address) => ({ address, port, host, priority, weight: share }));
}
