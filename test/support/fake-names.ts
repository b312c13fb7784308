import type { AddressRecord, Names, SrvRecord } from '../../lib/discovery/names.js';
import type { SearchPolicy } from '../../lib/discovery/search-list.js';

/** What is answered about a name: records, the code of an error, or with `silence` nothing. */
type Told<Answer> = readonly Answer[] | string;

export const errorOf = (code: string) => Object.assign(new Error(`query ${code}`), { code });

/** Name servers and a machine that answer what a test says. Names that it says nothing of do not exist. */
export class FakeNames implements Names {
  readonly a = new Map<string, Told<AddressRecord>>();
  readonly aaaa = new Map<string, Told<AddressRecord>>();
  readonly srv = new Map<string, Told<SrvRecord>>();
  /** What the machine itself knows. */
  readonly hosts = new Map<string, readonly string[]>();
  policy: SearchPolicy = { domains: [], ndots: 1 };
  /** `A orders.test.`, in order. */
  readonly asked: string[] = [];
  readonly signals: AbortSignal[] = [];

  resolve4(name: string, signal: AbortSignal): Promise<readonly AddressRecord[]> {
    return this.#answer('A', name, this.a, signal);
  }

  resolve6(name: string, signal: AbortSignal): Promise<readonly AddressRecord[]> {
    return this.#answer('AAAA', name, this.aaaa, signal);
  }

  resolveSrv(name: string, signal: AbortSignal): Promise<readonly SrvRecord[]> {
    return this.#answer('SRV', name, this.srv, signal);
  }

  lookup(name: string): Promise<readonly string[]> {
    this.asked.push(`lookup ${name}`);
    const found = this.hosts.get(name);
    return found ? Promise.resolve(found) : Promise.reject(errorOf('ENOTFOUND'));
  }

  searchPolicy(): Promise<SearchPolicy> {
    return Promise.resolve(this.policy);
  }

  /** What was asked since this was last called. */
  questions(): string[] {
    return this.asked.splice(0);
  }

  #answer<Answer>(
    type: string,
    name: string,
    told: ReadonlyMap<string, Told<Answer>>,
    signal: AbortSignal,
  ): Promise<readonly Answer[]> {
    this.asked.push(`${type} ${name}`);
    this.signals.push(signal);
    const answer = told.get(name) ?? 'ENOTFOUND';
    if (answer === 'silence') {
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(errorOf('ECANCELLED')));
      });
    }
    return typeof answer === 'string' ? Promise.reject(errorOf(answer)) : Promise.resolve(answer);
  }
}

export const records = (...addresses: string[]) => ttl(10, ...addresses);

export const ttl = (seconds: number, ...addresses: string[]): AddressRecord[] =>
  addresses.map((address) => ({ address, ttl: seconds }));
