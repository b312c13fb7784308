import { plainText } from '../core/plain-text.js';
import { readEndpoint, shownAddress } from '../nest/options/addresses.js';
import { UsageError } from './cli-error.js';

/** Stands in for the endpoints of a command line without any. */
export const ENDPOINTS_VARIABLE = 'FREELANCE_ENDPOINTS';

/**
 * The addresses that a command is for, each once.
 *
 * @param given by flags and arguments; each may be several, with commas between
 * @param flag how the user would have given them, for errors
 * @throws UsageError
 */
export function endpointsOf(
  given: readonly string[],
  env: NodeJS.ProcessEnv,
  flag: string,
): readonly string[] {
  const ofFlags = split(given);
  const ofVariable = ofFlags.length > 0 ? [] : split([env[ENDPOINTS_VARIABLE] ?? '']);
  const from = ofFlags.length > 0 ? flag : ENDPOINTS_VARIABLE;
  const all = [...ofFlags, ...ofVariable].map((address) => read(address, from));
  if (all.length > 0) return [...new Set(all)];
  throw new UsageError(
    `no server is named: give ${flag}, such as tcp://127.0.0.1:5555, or set ${ENDPOINTS_VARIABLE}`,
  );
}

function split(lists: readonly string[]): readonly string[] {
  return lists.flatMap((list) => list.split(',')).flatMap((address) => address.trim() || []);
}

function read(given: string, from: string): string {
  const address = readEndpoint(given);
  if ('wrong' in address) {
    const hint = /^[\w.[\]:-]+:\d+$/u.test(given) ? `, such as tcp://${plainText(given)}` : '';
    throw new UsageError(`${from}: ${shownAddress(given)} is no address: ${address.wrong}${hint}`);
  }
  if (address.address.startsWith('inproc:')) {
    throw new UsageError(
      `${from}: ${shownAddress(given)} cannot be reached: inproc:// never leaves the process of its server`,
    );
  }
  return address.address;
}
