import type { FreelanceEngine } from 'nestjs-freelance';
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios/registry.js';
import { SUBJECT_NAMES, type SubjectName } from './subjects/registry.js';

export interface Options {
  readonly isHelp: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly scenarios: readonly string[];
  readonly subjects: readonly SubjectName[];
  /** Which engine the subject `freelance` has; `undefined` is the one that it has by itself. */
  readonly engine: FreelanceEngine | undefined;
  /** Where results are written; `undefined` is the usual place. */
  readonly out: string | undefined;
  /** Whether everything is measured at full length, so that the results are worth keeping. */
  readonly isFull: boolean;
}

export const FULL = { rounds: 5, seconds: 1.2 };
export const QUICK = { rounds: 1, seconds: 0.2 };

const ENGINES: readonly FreelanceEngine[] = ['node', 'libzmq'];

/** @throws Error that names the wrong argument */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      subjects: { type: 'string' },
      engine: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const { help, quick, only, subjects, engine, rounds, seconds, out } = values;
  const usual = quick ? QUICK : FULL;
  const scenarioNames = SCENARIOS.map(({ name }) => name);
  return {
    isHelp: help,
    rounds: numberOf('--rounds', rounds, usual.rounds, { least: 1, most: 100, isWhole: true }),
    seconds: numberOf('--seconds', seconds, usual.seconds, { least: 0.05, most: 60 }),
    scenarios: namesOf('--only', only, scenarioNames),
    subjects: namesOf('--subjects', subjects, SUBJECT_NAMES),
    engine: engineOf(engine),
    out,
    isFull:
      !quick && [only, subjects, engine, rounds, seconds].every((value) => value === undefined),
  };
}

export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly isWhole?: boolean;
}

/** @throws Error that names the option */
export function numberOf(
  name: string,
  text: string | undefined,
  usual: number,
  { least, most, isWhole = false }: Bounds,
): number {
  if (text === undefined) return usual;
  const number = Number(text);
  const isNumber = text.trim() !== '' && (!isWhole || Number.isInteger(number));
  if (isNumber && number >= least && number <= most) return number;
  const kind = isWhole ? 'a whole number' : 'a number';
  throw new Error(`${name} takes ${kind} from ${least} to ${most}, but got '${text}'.`);
}

function engineOf(text: string | undefined): FreelanceEngine | undefined {
  const engine = ENGINES.find((one) => one === text);
  if (engine === text) return engine;
  throw new Error(`--engine knows ${ENGINES.join(', ')}, but got '${text}'.`);
}

function namesOf<Name extends string>(
  option: string,
  text: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (text === undefined) return known;
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !known.some((candidate) => candidate === name));
  if (unknown === undefined) return known.filter((name) => wanted.includes(name));
  throw new Error(`${option} knows ${known.join(', ')}, but got '${unknown}'.`);
}
