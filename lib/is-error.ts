import { types } from 'node:util';

/**
 * Recognizes an error of any realm. Under Jest each test file has its own globals, so errors from Node's modules and
 * native addons are not `instanceof Error`.
 */
export function isError(thrown: unknown): thrown is Error {
  // oxlint-disable-next-line unicorn/no-instanceof-builtins -- `instanceof` covers objects that inherit from Error
  return thrown instanceof Error || types.isNativeError(thrown);
}
