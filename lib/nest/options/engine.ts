import { ENGINES, type FreelanceEngine } from '../../sockets/engine.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { shown } from './shown.js';

const DEFAULT: FreelanceEngine = 'libzmq';

/**
 * The engine where the option is not given: the environment may name another one, for a fleet that moves from one to
 * the other without a new build.
 *
 * @throws FreelanceError `BAD_OPTIONS` if the variable names none
 */
export function defaultEngine(
  variable: 'FREELANCE_CLIENT_ENGINE' | 'FREELANCE_SERVER_ENGINE',
): FreelanceEngine {
  const given = process.env[variable];
  if (given === undefined || given === '') return DEFAULT;
  const engine = ENGINES.find((one) => one === given);
  if (engine) return engine;
  throw new FreelanceError(
    'BAD_OPTIONS',
    `The environment variable ${variable} must be one of ${ENGINES.join(', ')}, but is ${shown(given)}.`,
  );
}
