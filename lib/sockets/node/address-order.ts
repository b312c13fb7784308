import type { ResolvedAddress } from '../resolver.js';

/**
 * Sorts addresses so that the families alternate, beginning with the family of the first: if one family does not work, the other
 * is tried next. Source: RFC 8305, section 4.
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
