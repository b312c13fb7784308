import { types } from 'node:util';

/**
 * Whether it is such memory, of any realm. Under Jest, whose test files each have globals of their own, what `fetch` or a
 * file hands over is no `instanceof ArrayBuffer`.
 */
export const { isAnyArrayBuffer, isSharedArrayBuffer } = types;
