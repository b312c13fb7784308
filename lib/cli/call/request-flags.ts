import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FreelanceRecord } from '../../nest/client/freelance-record.js';
import { UsageError } from '../cli-error.js';
import { duration, wholeNumber } from '../values.js';
import type { DataForm } from './read-data.js';

/** The flags of `call` and `emit` about what is sent, and how. */
export interface RequestFlags {
  readonly text?: boolean;
  readonly bytes?: boolean;
  readonly timeout?: number;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly hedge?: number;
  readonly maxAttempts?: number;
  readonly idempotent?: boolean;
  readonly broadcast?: boolean;
  readonly json?: boolean;
}

/** The longest delay that makes sense: a day. More is a mistaken unit. */
const DAY_MS = 86_400_000;

export function addRequestFlags(command: Command): Command {
  return command
    .option('--text', 'the data is text, not JSON')
    .addOption(
      new Option('--bytes', 'the data is bytes, of @FILE or standard input').conflicts('text'),
    )
    .addOption(
      new Option(
        '-t, --timeout <ms>',
        'the deadline of all, in ms, or such as 2s (default: none)',
      ).argParser(duration('ms', { min: 1, max: DAY_MS })),
    )
    .addOption(
      new Option(
        '--request-timeout <ms>',
        'when to ask another server, if one has not begun to answer, in ms',
      )
        .argParser(duration('ms', { min: 1, max: DAY_MS }))
        .default(5000, '5000'),
    )
    .addOption(
      new Option(
        '--connect-timeout <ms>',
        'how long to wait for a server, in ms; where all refuse, it fails at once',
      )
        .argParser(duration('ms', { min: 1, max: DAY_MS }))
        .default(5000, '5000'),
    )
    .addOption(
      new Option(
        '-m, --metadata <key=value>',
        'goes along with the data; may be given several times',
      ).argParser(keyValue),
    )
    .addOption(new Option('--broadcast', 'to every server, once').conflicts(NOT_BROADCAST))
    .option('--key <text>', 'the routing key: the same key goes to the same server')
    .addOption(
      new Option(
        '--hedge <ms>',
        'also ask a second server if the first has not answered after that time',
      ).argParser(duration('ms', { min: 0, max: DAY_MS })),
    )
    .addOption(
      new Option('--max-attempts <n>', 'how many servers may be tried (default: 3)').argParser(
        wholeNumber(1),
      ),
    )
    .option('--idempotent', 'it may run twice, if a server is lost (default)')
    .option('--no-idempotent', 'it must not run twice: it fails if its server is lost');
}

/** The options of the client that these flags say. */
export function clientOptions({ connectTimeout, requestTimeout }: RequestFlags): {
  readonly connectTimeout: number;
  readonly requestTimeout: number;
} {
  return { connectTimeout, requestTimeout };
}

/** What a broadcast has no use for: it goes to each server once. */
const NOT_BROADCAST = ['key', 'hedge', 'maxAttempts', 'idempotent'];

export function dataForm({ text, bytes }: RequestFlags): DataForm {
  if (bytes) return 'bytes';
  return text ? 'text' : 'json';
}

/**
 * The data with the options of its call.
 *
 * @param signal cancels the call
 * @throws UsageError if flags do not fit each other
 */
export async function recordOf(
  data: unknown,
  flags: RequestFlags,
  signal: AbortSignal,
): Promise<FreelanceRecord> {
  if (flags.hedge !== undefined && flags.idempotent === false) {
    throw new UsageError('--hedge may run the call twice, and --no-idempotent forbids that');
  }
  const { timeout, metadata, key, hedge, maxAttempts, idempotent, broadcast } = flags;
  // It loads Nest.
  const { FreelanceRecordBuilder } = await import('../../nest/client/freelance-record.js');
  const record = new FreelanceRecordBuilder(data).setSignal(signal);
  if (timeout !== undefined) record.setTimeout(timeout);
  if (metadata !== undefined) record.setMetadata(metadata);
  if (key !== undefined) record.setRoutingKey(key);
  if (hedge !== undefined) record.setHedge({ after: hedge });
  if (maxAttempts !== undefined) record.setMaxAttempts(maxAttempts);
  if (idempotent !== undefined && !broadcast) record.setIdempotent(idempotent);
  if (broadcast) record.setBroadcast();
  return record.build();
}

function keyValue(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be KEY=VALUE.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
