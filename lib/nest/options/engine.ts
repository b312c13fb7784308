import { ENGINES, type FreelanceEngine } from '../../sockets/engine.js';
import { FreelanceError } from '../../core/freelance-error.js';
import type { OptionReader } from './option-reader.js';
import { shown } from './shown.js';

const DEFAULT: FreelanceEngine = 'node';

/** The option `engine`. @throws FreelanceError `BAD_OPTIONS` */
export function readEngine<Options extends { engine?: FreelanceEngine | undefined }>(
  read: OptionReader<Options>,
  variable: EngineVariable,
  mechanism: 'curve' | 'plain' | 'tls' | undefined,
): FreelanceEngine {
  const engine = read.oneOf('engine', ENGINES, () => defaultEngine(variable));
  if (mechanism === 'tls' && engine !== 'node') {
    throw read.bad('engine', "must be 'node' if security has the mechanism 'tls'", engine);
  }
  return engine;
}

type EngineVariable = 'FREELANCE_CLIENT_ENGINE' | 'FREELANCE_SERVER_ENGINE';

/**
 * The engine without the option. The environment may set it, so that a fleet can change its engine without a new build.
 *
 * @throws FreelanceError `BAD_OPTIONS` if the variable is set to anything but an engine
 */
function defaultEngine(variable: EngineVariable): FreelanceEngine {
  const given = process.env[variable];
  if (given === undefined || given === '') return DEFAULT;
  const engine = ENGINES.find((one) => one === given);
  if (engine) return engine;
  throw new FreelanceError(
    'BAD_OPTIONS',
    `The environment variable ${variable} must be one of ${ENGINES.join(', ')}, but is ${shown(given)}.`,
  );
}
