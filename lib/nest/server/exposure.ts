import { isLocal } from '../options/addresses.js';

/** A warning for a server that other machines can call, or eavesdrop on; undefined if they cannot. */
export function describeExposure(
  endpoints: readonly string[],
  mechanism: 'curve' | 'plain' | 'tls' | undefined,
): string | undefined {
  const open = endpoints.filter((endpoint) => !isLocal(endpoint)).join(', ');
  if (open === '' || mechanism === 'curve' || mechanism === 'tls') return undefined;
  if (mechanism === 'plain') {
    return (
      `${open} can be reached from other machines, and PLAIN encrypts nothing: whoever can listen to the network ` +
      'reads every password and every call. Use the mechanism curve or tls, as docs/security.md shows, or an encrypted ' +
      'network.'
    );
  }
  return (
    `${open} can be reached from other machines, and has no security: whoever reaches it may call every handler, ` +
    'and whoever can listen to the network reads every call. Give the server the option security, as ' +
    'docs/security.md shows, or bind 127.0.0.1.'
  );
}
