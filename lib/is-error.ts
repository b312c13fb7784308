import { types } from 'node:util';

/**
 * Whether it is an error of any realm. Under Jest, whose test files each have globals of their own, what
 * Node's modules and native addons throw is no `instanceof Error`.
 */
export function isError(thrown: unknown): thrown is Error {
  // oxlint-disable-next-line unicorn/no-instanceof-builtins -- also what inherits from Error, and is none of Node's own
  return thrown instanceof Error || types.isNativeError(thrown);
}
