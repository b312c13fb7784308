import type { EndpointDiscovery } from '../../core/endpoint-discovery.js';
import { badOptions } from './bad-options.js';
import { shown } from './shown.js';

/** Whether a value is meant to be a discovery: it can be watched. */
export function isDiscovery(given: unknown): given is EndpointDiscovery {
  return (
    typeof given === 'object' &&
    given !== null &&
    'watch' in given &&
    typeof given.watch === 'function'
  );
}

/**
 * @returns undefined if it is none
 * @throws FreelanceError `BAD_OPTIONS` if it has no name
 */
export function readDiscovery(owner: string, given: unknown): EndpointDiscovery | undefined {
  if (!isDiscovery(given)) return undefined;
  const name: unknown = given.name;
  if (typeof name === 'string' && name !== '') return given;
  throw badOptions(
    `${owner}: endpoints is a discovery, whose name must be text for logs and errors, but is ${shown(name)}`,
  );
}
