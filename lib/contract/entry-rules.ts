import { describeThrown } from '../core/describe-thrown.js';
import { badOptions } from '../nest/options/bad-options.js';
import { OptionReader } from '../nest/options/option-reader.js';
import { shown } from '../nest/options/shown.js';
import type { EntryKind } from './entries.js';

const COMMON = ['pattern', 'atMostOnce', 'description'] as const;

/** The options of each kind. An event has no result. */
const OPTIONS = {
  rpc: [...COMMON, 'payload', 'result'],
  stream: [...COMMON, 'payload', 'result'],
  event: [...COMMON, 'payload'],
} as const satisfies Readonly<Record<EntryKind, readonly string[]>>;

type Options = { readonly [Name in (typeof OPTIONS)['rpc'][number]]?: unknown };

interface Entry {
  readonly kind: EntryKind;
  readonly options: Options;
}

/**
 * Checks an entry, except its pattern.
 *
 * @param title names contract and entry, for errors
 * @throws FreelanceError `BAD_OPTIONS`
 */
export function checkEntry(title: string, entry: unknown): void {
  if (!isEntry(entry)) {
    throw badOptions(
      `${title}: it must be made by rpc(), stream() or event(), but is ${shown(entry)}`,
    );
  }
  const { kind, options } = entry;
  const reader = new OptionReader<Options>(title, options, OPTIONS[kind]);
  reader.flag('atMostOnce', false);
  const { description } = options;
  if (description !== undefined && typeof description !== 'string') {
    throw reader.bad('description', 'must be a string', description);
  }
  for (const name of ['payload', 'result'] as const) {
    const schema = options[name];
    const wrong = schema === undefined ? undefined : whatIsWrong(schema);
    if (wrong !== undefined) throw reader.bad(name, wrong, schema);
  }
}

function whatIsWrong(schema: unknown): string | undefined {
  try {
    const standard = hasMembers(schema) ? schema['~standard'] : undefined;
    if (!hasMembers(standard) || typeof standard['validate'] !== 'function') {
      return 'must be a Standard Schema: of zod 3.24 or later, valibot 1, ArkType 2, or another';
    }
    const { version } = standard;
    return version === 1
      ? undefined
      : `must be a Standard Schema of version 1, not ${shown(version)}`;
  } catch (error) {
    return `must be a Standard Schema, and readable ("${describeThrown(error)}")`;
  }
}

function isEntry(value: unknown): value is Entry {
  return (
    hasMembers(value) &&
    typeof value['kind'] === 'string' &&
    Object.hasOwn(OPTIONS, value['kind']) &&
    'options' in value
  );
}

/** ArkType's schemas are functions. */
function hasMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
