import type { EndpointDiscovery } from '../core/endpoint-discovery.js';
import { FreelanceError } from '../core/freelance-error.js';
import type { ServerTarget } from '../core/server-target.js';
import { isError } from '../is-error.js';
import { CliError, UsageError } from './cli-error.js';

/** Makes the discovery of an address with a name. */
export type Discover = (address: string) => EndpointDiscovery;

/**
 * The servers behind each name, as DNS has them now: each once, in the order of their addresses. Once interrupted, the addresses
 * as they are.
 *
 * @throws CliError if a name has none; UsageError if an address has no name that could be looked up
 */
export async function foundServers(
  addresses: readonly string[],
  interrupted: AbortSignal,
  discover: Discover,
): Promise<readonly ServerTarget[]> {
  const found = await Promise.all(
    addresses.map((address) => firstSet(address, interrupted, discover)),
  );
  const byEndpoint = new Map(found.flat().map((target) => [target.endpoint, target]));
  return [...byEndpoint.values()].toSorted((one, other) =>
    one.endpoint < other.endpoint ? -1 : 1,
  );
}

async function firstSet(
  address: string,
  interrupted: AbortSignal,
  discover: Discover,
): Promise<readonly ServerTarget[]> {
  const discovery = discovered(address, discover);
  const over = new AbortController();
  const { signal } = over;
  try {
    return await new Promise((resolve, reject) => {
      const asItIs = () => resolve([{ endpoint: address }]);
      interrupted.addEventListener('abort', asItIs, { once: true, signal });
      if (interrupted.aborted) asItIs();
      // It would try again: whoever waits at a terminal wants to know.
      const watch = { signal, onRefresh: NO_REFRESH, failed: reject, warn: NOTHING };
      first(discovery.watch(watch)).then(resolve, reject);
    });
  } catch (error) {
    const why = isError(error) ? error.message : String(error);
    throw new CliError(`--dns: no server is found behind ${address}: ${why}`);
  } finally {
    over.abort();
  }
}

function discovered(address: string, discover: Discover): EndpointDiscovery {
  try {
    return discover(address);
  } catch (error) {
    if (!(error instanceof FreelanceError)) throw error;
    throw new UsageError(
      `--dns: ${address} has no name that could be looked up: take tcp:// or tls://`,
    );
  }
}

async function first(
  sets: ReturnType<EndpointDiscovery['watch']>,
): Promise<readonly ServerTarget[]> {
  for await (const set of sets)
    return set.map((each) => (typeof each === 'string' ? { endpoint: each } : each));
  return [];
}

const NOTHING = (): void => undefined;

const NO_REFRESH = () => NOTHING;
