import type { DiscoveryWatch, EndpointDiscovery } from '../core/endpoint-discovery.js';
import type { ServerTarget } from '../core/server-target.js';
import { tcpAddress } from '../tcp-address.js';
import { type DiscoveryDeps, lookupPace } from './discovery-deps.js';
import { type LookupOptions, readLookupOptions, readServiceName } from './lookup-options.js';
import type { WatchOptions } from './shared-watch.js';
import { SrvLookup, type SrvServer } from './srv-lookup.js';
import { withoutDot } from './search-list.js';

/** Options of `srvEndpoints`. */
export interface SrvEndpointsOptions extends LookupOptions {
  /**
   * What the addresses begin with: `tcp`, or `tls` with the `security` of that mechanism. With `tls` the servers' certificates must
   * be of the domain, which is the name without the labels that begin with `_`: names that SRV records point to prove nothing.
   * @default tcp
   */
  scheme?: 'tcp' | 'tls' | undefined;
}

/** @throws FreelanceError `BAD_OPTIONS` */
export function srvDiscovery(
  service: string,
  options: SrvEndpointsOptions | undefined,
  deps: DiscoveryDeps,
): EndpointDiscovery {
  const name = readServiceName('srvEndpoints', service);
  const { read, families, servers } = readLookupOptions('srvEndpoints', options, ['scheme']);
  const scheme = read.oneOf('scheme', ['tcp', 'tls'], () => 'tcp');
  const domain = withoutDot(name.replace(/^(_[^.]*\.)+/u, ''));
  const targetsOf = (all: readonly SrvServer[]): readonly ServerTarget[] =>
    all.map(({ address, port, host, priority, weight }) => ({
      endpoint: tcpAddress(scheme, address, port),
      // Source: RFC 6125, 6.2.1: the name that the user asked for, and none that an unsigned answer has brought.
      name: scheme === 'tls' ? domain : host,
      priority,
      weight,
    }));
  const key = JSON.stringify(['srv', name, families, servers]);
  const make = (): WatchOptions<readonly SrvServer[]> => {
    const { clock, random } = deps.environment;
    const lookup = new SrvLookup(name, families, { names: deps.names(servers), clock });
    return { ask: (signal) => lookup.ask(signal), pace: lookupPace(random), clock };
  };
  return {
    name: `srv ${name}`,
    async *watch(watch: DiscoveryWatch) {
      for await (const all of deps.watches.follow(key, make, watch)) yield targetsOf(all);
    },
  };
}
