/** The host of a `tcp://` address, an IPv6 address without its brackets. */
export function hostOf(address: string): string {
  return address
    .replace(/^\w+:\/\//u, '')
    .replace(/:[^:]*$/u, '')
    .replace(/^\[(.*)\]$/u, '$1');
}
