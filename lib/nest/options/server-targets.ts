import type { ServerTarget } from '../../core/server-target.js';
import { LEAST_WEIGHT, MOST_WEIGHT } from '../../protocol/hello.js';
import { MAX_ID_BYTES } from '../../protocol/id.js';
import { exceeds } from '../../protocol/size.js';
import { readEndpoint, shownAddress } from './addresses.js';
import { badOptions } from './bad-options.js';
import { isDiscovery } from './endpoint-discovery.js';
import { isPlainObject } from './plain-object.js';
import { shown } from './shown.js';

/** What a user wrote for one server: as it is used, or why it can never work. */
export type ReadTarget = { readonly target: ServerTarget } | { readonly wrong: string };

const MEMBERS: readonly string[] = [
  'endpoint',
  'zone',
  'weight',
  'priority',
  'dialect',
  'name',
] satisfies (keyof ServerTarget)[];

const EXAMPLE = 'tcp://10.0.0.1:5555';

/** As the client's own zone: a longer one could not be the same. */
const NAME_MUST = `must be a string of at least 1 and at most ${MAX_ID_BYTES} bytes`;

/** Reads an address, or an object with one. */
export function readTarget(given: unknown): ReadTarget {
  if (isDiscovery(given)) return { wrong: 'a discovery stands alone, not in a list' };
  if (!isPlainObject(given)) return readAddressOf(given, {});
  const unknown = Object.keys(given).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) {
    return { wrong: `it has no member "${unknown}". The members are ${MEMBERS.join(', ')}` };
  }
  const { endpoint, zone, weight, priority, dialect, name } = given as {
    [Name in keyof ServerTarget]: unknown;
  };
  if (!isName(zone)) return { wrong: `its zone ${NAME_MUST}, but is ${shown(zone)}` };
  if (!isName(name)) return { wrong: `its name ${NAME_MUST}, but is ${shown(name)}` };
  if (weight !== undefined && !isWeight(weight)) {
    return {
      wrong: `its weight must be a number from ${LEAST_WEIGHT} to ${MOST_WEIGHT}, but is ${shown(weight)}`,
    };
  }
  if (priority !== undefined && !isPriority(priority)) {
    return {
      wrong: `its priority must be a whole number from 0 to 65535, but is ${shown(priority)}`,
    };
  }
  if (dialect !== undefined && dialect !== 'guide') {
    return { wrong: `its dialect must be 'guide' or left out, but is ${shown(dialect)}` };
  }
  return readAddressOf(endpoint, { zone, weight, priority, dialect, name });
}

/** @throws FreelanceError `BAD_OPTIONS` */
export function readTargets(owner: string, given: unknown): ServerTarget[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const targets = new Map<string, ServerTarget>();
  for (const one of list) {
    const read = readTarget(one);
    if ('wrong' in read) {
      const is = isPlainObject(one) ? shown(one) : shownAddress(one);
      throw badOptions(
        `${owner}: endpoints must be an address like ${EXAMPLE}, but is ${is}: ${read.wrong}`,
      );
    }
    // An address that is given twice is one server, as it was given first.
    const { endpoint } = read.target;
    if (!targets.has(endpoint)) targets.set(endpoint, read.target);
  }
  if (targets.size === 0)
    throw badOptions(`${owner}: endpoints must name at least one address, but is ${shown(given)}`);
  return [...targets.values()];
}

function readAddressOf(given: unknown, rest: Omit<ServerTarget, 'endpoint'>): ReadTarget {
  if (typeof given !== 'string') return { wrong: 'an address is text' };
  const read = readEndpoint(given);
  return 'wrong' in read ? read : { target: { endpoint: read.address, ...rest } };
}

function isName(value: unknown): value is string | undefined {
  return (
    value === undefined ||
    (typeof value === 'string' && value !== '' && !exceeds(value, MAX_ID_BYTES))
  );
}

function isWeight(value: unknown): value is number {
  return typeof value === 'number' && value >= LEAST_WEIGHT && value <= MOST_WEIGHT;
}

/** Those of SRV records. Source: RFC 2782. */
function isPriority(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535;
}
