/**
 * Finds the servers of a client by DNS, or in a file.
 *
 * @module nestjs-freelance/discovery
 */

import { systemEnvironment } from '../agents/clock.js';
import type { EndpointDiscovery } from '../core/endpoint-discovery.js';
import type { DiscoveryDeps } from './discovery-deps.js';
import { dnsDiscovery, type DnsEndpointsOptions } from './dns-endpoints.js';
import { fileDiscovery } from './file-endpoints.js';
import { nodeFiles } from './node-files.js';
import { nodeNames } from './node-names.js';
import { SharedWatches } from './shared-watches.js';
import { srvDiscovery, type SrvEndpointsOptions } from './srv-endpoints.js';

export type { DiscoveryWatch, EndpointDiscovery } from '../core/endpoint-discovery.js';
export type { ServerTarget } from '../core/server-target.js';
export type { DnsEndpointsOptions } from './dns-endpoints.js';
export type { SrvEndpointsOptions } from './srv-endpoints.js';

const SYSTEM: DiscoveryDeps = {
  environment: systemEnvironment,
  names: nodeNames,
  files: nodeFiles,
  watches: new SharedWatches(),
};

/**
 * Finds servers by a host name: every A and AAAA record is a server, at the port of the address. For headless services of Kubernetes,
 * services of Docker, and every other name with several addresses.
 *
 * ```ts
 * new FreelanceClientProxy({ endpoints: dnsEndpoints('tcp://orders.shop.svc:5555') });
 * ```
 *
 * The name is completed by the search list of resolv.conf, and looked up again when its records expire (after 1 to 30 s), or when a
 * server is lost. The hosts file counts where name servers have no records. While look-ups fail, the last servers stay. Clients of
 * one process share look-ups. With `tls://` the servers' certificates must be of the name. See `docs/discovery.md`.
 *
 * @param address `tcp://host:port` or `tls://host:port`. A name that ends with a dot is not completed. An IP address is one server.
 * @param options how the name is looked up
 * @throws FreelanceError `BAD_OPTIONS` if the address or an option is wrong
 */
export function dnsEndpoints(address: string, options?: DnsEndpointsOptions): EndpointDiscovery {
  return dnsDiscovery(address, options, SYSTEM);
}

/**
 * Finds servers by SRV records, which name host, port, priority and weight of each. The addresses of a host share its weight; a
 * weight of 0 is a hundredth of 1. As Node does not tell the TTLs of SRV records, those of the hosts' addresses count.
 *
 * ```ts
 * new FreelanceClientProxy({ endpoints: srvEndpoints('_freelance._tcp.orders.shop.svc') });
 * ```
 *
 * In all else as `dnsEndpoints`. Source: RFC 2782.
 *
 * @param service the name of the records
 * @param options how the names are looked up, and the scheme of the addresses
 * @throws FreelanceError `BAD_OPTIONS` if the name or an option is wrong
 */
export function srvEndpoints(service: string, options?: SrvEndpointsOptions): EndpointDiscovery {
  return srvDiscovery(service, options, SYSTEM);
}

/**
 * Finds servers in a file: a JSON array of addresses, or of objects with `endpoint` and, if wanted, `zone`, `weight`, `priority`,
 * `dialect` and `name`. For consul-template, Ansible, ConfigMaps, and tests.
 *
 * ```json
 * ["tcp://10.0.0.1:5555", { "endpoint": "tcp://10.0.0.2:5555", "zone": "b", "weight": 2 }]
 * ```
 *
 * It is read when it changes, and every 2 s in case a change was not noticed. Best replaced as a whole, by renaming another file.
 * While it is missing, half-written or empty, the last servers stay. At most 1 MiB.
 *
 * @param path from the working directory, or a `file:` URL
 * @throws FreelanceError `BAD_OPTIONS` if it is neither
 */
export function fileEndpoints(path: string | URL): EndpointDiscovery {
  return fileDiscovery(path, SYSTEM);
}
