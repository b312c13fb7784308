import { isError } from '../is-error.js';

/** A look-up that brought nothing to use, in words. */
export class LookupError extends Error {
  override readonly name = 'LookupError';
}

/**
 * Whether it is certain that there is no such record, rather than that there is no answer: a name server says so, or what the search
 * list made of a name cannot be one (`EBADNAME`).
 */
export function isAbsence(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME';
}

export function codeOf(error: unknown): string {
  return isError(error) && 'code' in error ? String(error.code) : 'unknown error';
}

/** What c-ares and Node call it, in words. Source: ares_strerror(3). */
const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name (NXDOMAIN)',
  ENODATA: 'the name has no such record',
  EBADNAME: 'that is no name of DNS',
  ESERVFAIL: 'the name server could not find out (SERVFAIL)',
  EREFUSED: 'the name server refused the question (REFUSED)',
  ETIMEOUT: 'no name server has answered in time',
  ECANCELLED: 'no name server has answered in time',
  ECONNREFUSED: 'no name server could be reached',
};

/** @param what was looked up, such as `A and AAAA records of orders.shop.svc` */
export function lookupError(what: string, error: unknown): LookupError {
  const code = codeOf(error);
  const words = WORDS[code] ?? `the look-up failed with ${code}`;
  return new LookupError(`${what}: ${words}`);
}
