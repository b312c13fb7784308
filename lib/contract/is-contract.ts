import { isObject } from '../is-object.js';
import { badOptions } from '../nest/options/bad-options.js';
import { shown } from '../nest/options/shown.js';
import type { Contract } from './contract.js';
import type { EntryKind } from './entries.js';

/**
 * Whether a value is a contract, also one that another copy of this package has made: it has no class, and is recognized by
 * its members.
 */
export function isContract(value: unknown): value is Contract {
  try {
    return hasMembersOfContract(value);
  } catch {
    // Such as the validated environment that a file exports beside its contract: reading what it does not know throws.
    return false;
  }
}

function hasMembersOfContract(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, entries, patterns } = value;
  if (typeof name !== 'string' || !isObject(entries) || !isObject(patterns)) return false;
  return Object.entries(entries).every(
    ([key, entry]) =>
      isEntry(entry) && (typeof patterns[key] === 'string' || isObject(patterns[key])),
  );
}

/**
 * @param taker what was given the value, for the error
 * @throws FreelanceError `BAD_OPTIONS` unless it is a contract
 */
export function checkContract(taker: string, value: unknown): asserts value is Contract {
  if (isContract(value)) return;
  // The usual cause, and hard to find.
  const hint = value === undefined ? ': files that import each other in a circle see that' : '';
  throw badOptions(
    `${taker} takes a contract, as contract() returns it, but got ${shown(value)}${hint}`,
  );
}

function isEntry(value: unknown): boolean {
  return isObject(value) && isKind(value['kind']) && isObject(value['options']);
}

function isKind(value: unknown): value is EntryKind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}

const KINDS: Readonly<Record<EntryKind, true>> = { rpc: true, stream: true, event: true };
