import { existsSync, readFileSync } from 'node:fs';
import { isCurveKey } from '../security/curve-keys.js';
import { reasonOf } from '../sockets/reason-of.js';
import { UsageError } from './cli-error.js';

/** A value, and the flag or the variable that it came from. */
export interface Given {
  readonly from: string;
  readonly value: string;
}

/** The text itself, or with `@file` what that file has in it, without the line end. */
export function textOf({ from, value }: Given): string {
  return value.startsWith('@') ? contentOf(from, value.slice(1)).replace(/\r?\n$/u, '') : value;
}

/** PEM: the text itself, or a file of it, with or without an `@` in front. */
export function pemOf({ from, value }: Given): string {
  return value.includes('-----BEGIN ') ? value : contentOf(from, value.replace(/^@/u, ''));
}

/**
 * A key of CURVE: the key itself, or a file with nothing else in it, or one that `keygen --json` has made.
 *
 * @param name of the key in such a file
 */
export function curveKeyOf(given: Given, name: 'publicKey' | 'secretKey'): string {
  const { from, value } = given;
  // Z85 has an @, too: such a key is a key unless there is a file of that name.
  const isItself = isCurveKey(value) && !(value.startsWith('@') && existsSync(value.slice(1)));
  const text = isItself ? value : textOf(given).trim();
  const isObject = text.startsWith('{') && !isCurveKey(text);
  const key = isObject ? memberOf(text, name) : text;
  if (isCurveKey(key)) return key;
  const is = isObject ? `JSON without such a ${name}` : `text of ${text.length} characters`;
  throw new UsageError(
    `${from} must be a key of 40 characters, as nestjs-freelance keygen prints it, or @ and a file of one, but is ${is}`,
  );
}

/** Undefined if it is no JSON object with a text of that name. */
function memberOf(text: string, name: string): string | undefined {
  try {
    const value: unknown = (JSON.parse(text) as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function contentOf(from: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${from} names a file that cannot be read: ${reasonOf(error)}`);
  }
}
