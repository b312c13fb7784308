import dns from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP, type NetConnectOpts } from 'node:net';
import { interleaved } from '../../sockets/node/address-order.js';
import type { Resolution, ResolvedAddress, Resolver } from '../../sockets/resolver.js';
import { type Finding, Problem } from './finding.js';
import { listed, shownMs } from './words.js';
import { within } from './within.js';

/** One address that an endpoint stands for. */
export interface Target {
  /** For people. */
  readonly name: string;
  readonly place: NetConnectOpts;
}

/** How this machine resolves names. */
export interface NameSystem {
  readonly resolver: Pick<Resolver, 'resolve'>;
  /** The DNS servers that it asks. */
  dnsServers(): readonly string[];
  /** What it appends to names. */
  searchDomains(): Promise<readonly string[]>;
}

/** Resolves the host as a client does, with `dns.lookup`: /etc/hosts, search domains, both families. */
export async function checkName(
  host: string,
  port: number,
  system: NameSystem,
  timeoutMs: number,
  now: () => number,
): Promise<Finding<readonly Target[]>> {
  const startedAt = now();
  const resolution = await within<Resolution>(timeoutMs + GRACE_MS, (settle) =>
    system.resolver.resolve(host, timeoutMs, settle),
  );
  const ms = now() - startedAt;
  if (!resolution || 'reason' in resolution) {
    const { reason, code } = resolution ?? {
      reason: `the name ${host} has not resolved`,
      code: 'ETIMEDOUT',
    };
    throw new Problem(reason, await adviceFor(host, code, system), { host, code });
  }
  const addresses = interleaved(resolution.addresses);
  const names = addresses.map(({ address }) => address);
  return {
    value: addresses.map(({ address, family }) => ({
      name: family === 6 ? `[${address}]:${port}` : `${address}:${port}`,
      place: { host: address, port, family },
    })),
    summary:
      isIP(host) === 0
        ? `${host} resolves to ${listed(names)} in ${shownMs(ms)}`
        : `${host} is an IP address: there is nothing to resolve`,
    notes: notesOn(addresses),
    facts: { host, addresses: names, lookupMs: ms },
  };
}

/** The resolver itself has the time limit. */
const GRACE_MS = 1000;

/** A name with both families deserves a word: if one does not work, each connection takes longer. */
function notesOn(addresses: readonly ResolvedAddress[]): string[] {
  const families = new Set(addresses.map(({ family }) => family));
  return families.size > 1 ? ['It has IPv4 and IPv6: a client tries both, in this order.'] : [];
}

async function adviceFor(host: string, code: string, system: NameSystem): Promise<string[]> {
  const servers = system.dnsServers();
  const asked =
    servers.length > 0 ? `the DNS servers ${listed(servers, 3)}` : 'no DNS server at all';
  if (code === 'ENOTFOUND' || code === 'ENODATA') {
    const domains = await system.searchDomains();
    const searched = domains.length > 0 ? `appends ${listed(domains, 5)}` : 'has no search domains';
    return [
      `Check the spelling. \`getent hosts ${host}\` asks what a client asks: /etc/hosts, then ${asked}.`,
      ...(host.includes('.')
        ? []
        : [
            `To a name without a dot this machine ${searched} (/etc/resolv.conf). A Compose service resolves in its networks ` +
              'only, a Kubernetes service in its namespace only: elsewhere it is NAME.NAMESPACE.svc.',
          ]),
    ];
  }
  return [
    `This machine asks ${asked}, and has no answer (${code}). Try again: it may pass.`,
    'Check that this machine, or container, reaches them (/etc/resolv.conf). An IP address in the endpoint goes without.',
    ...(code === 'ETIMEDOUT' ? ['Clients wait no longer than 5 s for a name.'] : []),
  ];
}

/** @param text of /etc/resolv.conf; `search` and `domain` exclude each other, the last wins (resolv.conf(5)) */
export function searchDomainsIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => /^(?:search|domain)\s/u.test(line));
  return (lines.at(-1) ?? '').split(/\s+/u).slice(1).filter(Boolean);
}

export function nameSystem(resolver: Pick<Resolver, 'resolve'>): NameSystem {
  return {
    resolver,
    dnsServers: () => dns.getServers(),
    searchDomains: async () =>
      searchDomainsIn(await readFile('/etc/resolv.conf', 'utf8').catch(() => '')),
  };
}
