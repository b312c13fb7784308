import { isLocal } from '../options/addresses.js';

/**
 * What the log is to say of a server that others than this machine can reach, and whose calls they can make or
 * read; undefined if they cannot.
 */
export function describeExposure(
  endpoints: readonly string[],
  mechanism: 'curve' | 'plain' | 'tls' | undefined,
): string | undefined {
  const open = endpoints.filter((endpoint) => !isLocal(endpoint)).join(', ');
  if (open === '' || mechanism === 'curve' || mechanism === 'tls') return undefined;
  if (mechanism === 'plain') {
    return (
      `${open} can be reached from other machines, and PLAIN encrypts nothing: whoever can listen to the network ` +
      'reads every password and every call. Use the mechanism curve, as docs/security.md shows, or a network that ' +
      'encrypts.'
    );
  }
  return (
    `${open} can be reached from other machines, and has no security: whoever reaches it may call every handler, ` +
    'and whoever can listen to the network reads every call. Give the server the option security, as ' +
    'docs/security.md shows, or bind 127.0.0.1.'
  );
}
