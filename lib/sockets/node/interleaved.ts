import type { ResolvedAddress } from '../resolver.js';

/**
 * The addresses with their families in turn, the first one's first: where one family leads nowhere, the other one is tried
 * next. Source: RFC 8305, section 4.
 */
export function interleaved(addresses: readonly ResolvedAddress[]): ResolvedAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const ordered: ResolvedAddress[] = [];
  for (let at = 0; at < Math.max(first.length, others.length); at++) {
    for (const address of [first[at], others[at]]) if (address) ordered.push(address);
  }
  return ordered;
}
