import type { ServerTarget } from '../../core/server-target.js';
import type { ClientCredentials } from '../../security/client-credentials.js';
import { badOptions } from '../options/bad-options.js';
import { readEndpoint, shownAddress } from '../options/addresses.js';
import { certificateNameOf } from '../options/certificate-name.js';
import { wrongServerKey } from '../options/client-security.js';
import { isPlainObject } from '../options/plain-object.js';
import { readTarget } from '../options/server-targets.js';

/**
 * The servers that a client knows, and their keys: those of its options, those that were added, and those that a discovery names.
 * All but the last outlive its agent: a client that was closed opens anew with them.
 */
export class KnownEndpoints {
  readonly #own: Map<string, ServerTarget>;
  readonly #credentials: ClientCredentials | undefined;
  #discovered: readonly ServerTarget[] = [];
  /** Those of a discovery that were removed: until it names them no more. */
  #removed = new Set<string>();

  constructor(targets: readonly ServerTarget[], credentials: ClientCredentials | undefined) {
    this.#own = new Map(targets.map((target) => [target.endpoint, target]));
    this.#credentials = credentials;
    this.#changed();
  }

  /** What a discovery says of a server counts before what was added by hand: that is an address alone. */
  get all(): readonly ServerTarget[] {
    const all = new Map(this.#own);
    for (const target of this.#discovered) {
      if (!this.#removed.has(target.endpoint)) all.set(target.endpoint, target);
    }
    return [...all.values()];
  }

  /** Reads what a discovery names. It has to fit the client's security, as with `add`. */
  read(given: unknown): ServerTarget | { readonly wrong: string } {
    const read = readTarget(given);
    if ('wrong' in read) {
      const endpoint: unknown = isPlainObject(given) ? (given as ServerTarget).endpoint : given;
      return { wrong: `${shownAddress(endpoint)} is not used: ${read.wrong}` };
    }
    const { target } = read;
    const wrong = wrongServerKey(target.endpoint, undefined, this.#credentials);
    return wrong === undefined ? target : { wrong: `${target.endpoint} is not used: ${wrong}` };
  }

  /** From now on these are the servers that the discovery names. */
  discovered(targets: readonly ServerTarget[]): void {
    const named = new Set(targets.map(({ endpoint }) => endpoint));
    this.#discovered = targets;
    this.#removed = new Set([...this.#removed].filter((endpoint) => named.has(endpoint)));
    this.#changed();
  }

  /**
   * @throws FreelanceError `BAD_OPTIONS` if it is not an address, or the key does not fit
   */
  add(endpoint: string, serverKey: string | undefined): void {
    const read = readEndpoint(endpoint);
    if ('wrong' in read) {
      const got = `${shownAddress(endpoint)}: ${read.wrong}`;
      throw badOptions(`addEndpoint takes an address like tcp://10.0.0.1:5555, but got ${got}`);
    }
    const { address } = read;
    const wrong = wrongServerKey(address, serverKey, this.#credentials);
    if (wrong) throw badOptions(`addEndpoint of ${address}: ${wrong}`);
    if (serverKey !== undefined) this.#credentials?.setServerKey(address, serverKey);
    this.#removed.delete(address);
    if (!this.#own.has(address)) this.#own.set(address, { endpoint: address });
    // One that was removed has the name of its certificate from the discovery again.
    this.#changed();
  }

  /** What is not an address is not known, either. */
  remove(endpoint: string): void {
    const read = readEndpoint(endpoint);
    if ('wrong' in read) return;
    const { address } = read;
    this.#own.delete(address);
    if (this.#discovered.some((target) => target.endpoint === address)) this.#removed.add(address);
  }

  #changed(): void {
    if (this.#credentials?.mechanism !== 'tls') return;
    const names = this.all.map((target) => [target.endpoint, certificateNameOf(target)] as const);
    this.#credentials.setCertificateNames(new Map(names));
  }
}
