import { FreelanceError } from '../../core/freelance-error.js';

/** @param what is wrong, and with which option or method; without a full stop */
export function badOptions(what: string): FreelanceError {
  return new FreelanceError('BAD_OPTIONS', `${what}.`);
}
