import { isIP } from 'node:net';
import type { DiscoveryWatch, EndpointDiscovery } from '../core/endpoint-discovery.js';
import type { ServerTarget } from '../core/server-target.js';
import { tcpAddress } from '../tcp-address.js';
import { type DiscoveryDeps, lookupPace } from './discovery-deps.js';
import { type Family, HostLookup } from './host-lookup.js';
import { type LookupOptions, readAddress, readLookupOptions } from './lookup-options.js';
import { withoutDot } from './search-list.js';
import type { WatchOptions } from './shared-watch.js';

/** Options of `dnsEndpoints`. */
export interface DnsEndpointsOptions extends LookupOptions {}

/** @throws FreelanceError `BAD_OPTIONS` */
export function dnsDiscovery(
  address: string,
  options: DnsEndpointsOptions | undefined,
  deps: DiscoveryDeps,
): EndpointDiscovery {
  const { scheme, host, port } = readAddress('dnsEndpoints', address);
  const { families, servers } = readLookupOptions('dnsEndpoints', options, []);
  const asItIs = tcpAddress(scheme, host, port);
  const name = `dns ${asItIs}`;
  if (isIP(host) !== 0) {
    return { name, watch: ({ signal }) => once({ endpoint: asItIs }, signal) };
  }
  const found = withoutDot(host);
  const targetsOf = (addresses: readonly string[]): readonly ServerTarget[] =>
    addresses.map((one) => ({ endpoint: tcpAddress(scheme, one, port), name: found }));
  const key = JSON.stringify(['host', host, families, servers]);
  return {
    name,
    async *watch(watch: DiscoveryWatch) {
      const addresses = deps.watches.follow(
        key,
        () => hostWatch(host, families, servers, deps),
        watch,
      );
      for await (const all of addresses) yield targetsOf(all);
    },
  };
}

function hostWatch(
  host: string,
  families: readonly Family[],
  servers: readonly string[] | undefined,
  { environment, names }: DiscoveryDeps,
): WatchOptions<readonly string[]> {
  const { clock, random } = environment;
  const lookup = new HostLookup(host, families, { names: names(servers), clock });
  return { ask: (signal) => lookup.ask(signal), pace: lookupPace(random), clock };
}

/** An address that needs no look-up: one set, which holds until the client is closed. */
async function* once(
  target: ServerTarget,
  signal: AbortSignal,
): AsyncGenerator<readonly ServerTarget[]> {
  yield [target];
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
