import { types } from 'node:util';

/**
 * Whether it is an error of any realm. Under Jest, whose test files each have globals of their own, what
 * Node's modules and native addons throw is no `instanceof Error`.
 */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown);
}
