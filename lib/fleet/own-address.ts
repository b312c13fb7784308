import { networkInterfaces } from 'node:os';

/** Bound there, a server listens at all addresses of its machine. */
const ALL_ADDRESSES: ReadonlySet<string> = new Set(['0.0.0.0', '[::]', '*']);

/**
 * Whether a client that calls one address reaches what is bound to the other on this machine: the same address, or one of this
 * machine's where all of them are bound.
 */
export function reachesOwn(called: string, bound: string): boolean {
  if (called === bound) return true;
  const from = partsOf(bound);
  const to = partsOf(called);
  if (!from || !to || from.scheme !== to.scheme || from.port !== to.port) return false;
  return ALL_ADDRESSES.has(from.host) && (ALL_ADDRESSES.has(to.host) || isOwnHost(to.host));
}

function partsOf(endpoint: string) {
  const [, scheme, host, port] = /^(\w+):\/\/(.+):(\d+)$/.exec(endpoint) ?? [];
  return scheme && host && port ? { scheme, host, port } : undefined;
}

function isOwnHost(host: string): boolean {
  if (host === 'localhost' || host.startsWith('127.')) return true;
  const address = host.replace(/^\[|\]$/g, '');
  return Object.values(networkInterfaces()).some((all) =>
    all?.some((each) => each.address === address),
  );
}
