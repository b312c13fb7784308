import { LONGEST_TIMEOUT_MS } from '../../protocol/headers.js';
import { badOptions } from '../options/bad-options.js';
import { METADATA, notMetadata } from '../options/metadata.js';
import { isPlainObject } from '../options/plain-object.js';
import { shown } from '../options/shown.js';
import { FreelanceContext } from '../server/freelance-context.js';
import type { FreelanceCallOptions } from './freelance-call-options.js';

/** What an option takes, and what it got. */
interface Complaint {
  readonly takes: string;
  readonly got: string;
}

type Rule = (value: unknown) => Complaint | undefined;

type Name = keyof FreelanceCallOptions;

const RULES: Record<Name, Rule> = {
  metadata: (value) => {
    const got = notMetadata(value);
    return got === undefined ? undefined : { takes: METADATA, got };
  },
  timeout: only(
    `a number of at least 1 ms and at most ${LONGEST_TIMEOUT_MS}, or Infinity for none`,
    (value) => isNumber(value) && value >= 1 && (value <= LONGEST_TIMEOUT_MS || value === Infinity),
  ),
  maxAttempts: only('a whole number, at least 1', (value) => isCount(value)),
  idempotent: only('true or false', isFlag),
  routingKey: only(
    'a string that is not empty',
    (value) => typeof value === 'string' && value !== '',
  ),
  hedge: (value) => {
    if (typeof value !== 'object' || value === null) {
      return { takes: 'an object with `after`', got: shown(value) };
    }
    const { after, max }: { after?: unknown; max?: unknown } = value;
    return AFTER(after) ?? MAX(max);
  },
  broadcast: only('true or false', isFlag),
  signal: only('an AbortSignal', (value) => value instanceof AbortSignal),
  parent: only('the FreelanceContext that a handler has by @Ctx()', isParent),
};

const AFTER = only(
  'an `after` of at least 0 ms',
  (value) => isNumber(value) && value >= 0 && value < Infinity,
);

const MAX = only(
  'a whole number for `max`, at least 1, or Infinity',
  (value) => isCount(value) || value === Infinity,
);

/** @throws FreelanceError `BAD_OPTIONS` if the option cannot have that value */
export function checkSetter(setter: string, option: Name, value: unknown): void {
  const wrong = RULES[option](value);
  if (wrong)
    throw badOptions(
      `FreelanceRecordBuilder: ${setter} takes ${wrong.takes}, but got ${wrong.got}`,
    );
}

/**
 * Checks the options of a record, which another version of this library may have made. An unknown option is an error, as
 * the caller counts on it.
 *
 * @param owner whose options these are, for errors
 * @throws FreelanceError `BAD_OPTIONS`
 */
export function checkCallOptions(
  options: unknown,
  owner = 'FreelanceRecord',
): asserts options is FreelanceCallOptions {
  if (!isPlainObject(options)) {
    throw badOptions(`${owner}: its options must be an object, but are ${shown(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!isName(name)) {
      const known = Object.keys(RULES).join(', ');
      throw badOptions(`${owner}: there is no option ${shown(name)}. The options are ${known}`);
    }
    const wrong = RULES[name](value);
    if (wrong)
      throw badOptions(`${owner}: the option ${name} takes ${wrong.takes}, but got ${wrong.got}`);
  }
}

function isName(name: string): name is Name {
  return Object.hasOwn(RULES, name);
}

function only(takes: string, allows: (value: unknown) => boolean): Rule {
  return (value) => (allows(value) ? undefined : { takes, got: shown(value) });
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1;
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** Accepts contexts that tests of handlers make, too. */
function isParent(value: unknown): boolean {
  if (value instanceof FreelanceContext) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { getDeadline, getMetadata, signal } = value as Partial<Record<string, unknown>>;
  return (
    typeof getDeadline === 'function' &&
    typeof getMetadata === 'function' &&
    (signal === undefined || signal instanceof AbortSignal)
  );
}
