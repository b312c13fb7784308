import { types } from 'node:util';

/**
 * Recognizes an ArrayBuffer of any realm. Under Jest each test file has its own globals, so memory from `fetch` or from a
 * file is not `instanceof ArrayBuffer`.
 */
export const { isAnyArrayBuffer, isSharedArrayBuffer } = types;
