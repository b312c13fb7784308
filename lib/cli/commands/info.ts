import { Command, Option } from 'commander';
import { FreelanceError } from '../../core/freelance-error.js';
import { onlyFailure } from '../../core/only-failure.js';
import { plainText } from '../../core/plain-text.js';
import type { FreelanceClientOptions } from '../../nest/options/client-options.js';
import { NO_MESSAGE_HANDLER } from '../../nest/server/nest-words.js';
import { INFO_PATTERN } from '../../protocol/introspection.js';
import { isError } from '../../is-error.js';
import { UsageError } from '../cli-error.js';
import { failureAsJson } from '../call/failures.js';
import { jsonOf } from '../call/show-value.js';
import type { CliIo } from '../cli-io.js';
import { coloursOf } from '../colours.js';
import { addConnectionFlags, foundOptions } from '../connection-flags.js';
import { compareContracts, type Comparison } from '../contract/compare-contract.js';
import { loadContracts } from '../contract/load-contracts.js';
import { showComparisons } from '../contract/show-comparison.js';
import { EXIT } from '../exit-codes.js';
import { readInfo } from '../info/read-info.js';
import { showInfo } from '../info/show-info.js';
import { jsonText } from '../json-line.js';
import { openClient } from '../open-client.js';
import { teach } from '../teach.js';
import { seeDoctor } from '../unreachable.js';
import { duration, several } from '../values.js';
import { flagWords } from '../words-of-flags.js';

/** Ten minutes: more is a mistaken unit. */
const MOST_TIMEOUT_MS = 600_000;

interface InfoFlags {
  readonly contract?: string;
  readonly export?: readonly string[];
  readonly timeout: number;
  readonly json?: boolean;
}

export function infoCommand(io: CliIo): Command {
  const command = new Command('info')
    .summary('list what servers offer')
    .description(
      'Lists the patterns that servers have handlers for, their versions, state and limits.',
    )
    .argument(
      '[endpoints...]',
      'the servers, such as tcp://10.0.0.1:5555 (default: FREELANCE_ENDPOINTS)',
    )
    .addOption(
      new Option(
        '-t, --timeout <ms>',
        'how long a server may take, connecting included, in ms, or such as 2s',
      )
        .argParser(duration('ms', { min: 1, max: MOST_TIMEOUT_MS }))
        .default(5000, '5000'),
    )
    .option(
      '--contract <file>',
      'compare the servers with the contracts of a file, or of a package, instead',
    )
    .addOption(
      new Option(
        '--export <name>',
        'with --contract: only this export; may be given several times',
      ).argParser(several),
    )
    .option('--json', 'print a JSON list, with what each server tells, or why it does not');
  addConnectionFlags(command, 'argument').action((endpoints: string[], flags: InfoFlags) =>
    info(command, io, endpoints, flags),
  );
  return teach(command, {
    notes: [
      'By default a server tells this if all its addresses are of its own machine (loopback, ipc), or if its security\nadmits named clients only. Its option introspection turns that on or off.',
    ],
    examples: [
      ['info tcp://10.0.0.1:5555', 'a table of what it offers'],
      [
        "info --json tcp://10.0.0.1:5555 | jq -r '.[].info.patterns[].pattern'",
        'the patterns alone',
      ],
      [
        'info --contract dist/contracts.js tcp://10.0.0.1:5555',
        'whether it serves what the contracts say',
      ],
    ],
    exitCodes: {
      0: 'every server has told, and is as in the contracts',
      1: 'a server has not told: standard error says why; or it differs from a contract',
    },
  });
}

type Told = { readonly endpoint: string } & (
  | { readonly info: unknown }
  /** How the server looks, in a few words. */
  | { readonly error: unknown; readonly outcome: string | undefined }
);

async function info(
  command: Command,
  io: CliIo,
  given: readonly string[],
  { timeout, json = false, contract: file, export: names }: InfoFlags,
): Promise<void> {
  if (names && file === undefined) throw new UsageError('--export is for --contract FILE');
  const loaded = file === undefined ? undefined : await loadContracts(file, io, { names });
  const options = await foundOptions(command, io, given);
  const all = await Promise.all(
    options.endpoints.map((endpoint) =>
      ask(command, io, { ...options, endpoints: endpoint, connectTimeout: timeout }, timeout),
    ),
  );
  if (io.interrupted.aborted) return;
  const compared = all.map((told) => ({
    told,
    comparisons:
      loaded && 'info' in told && readInfo(told.info)
        ? compareContracts(loaded, told.info)
        : undefined,
  }));
  if (json) showAsJson(compared, io);
  else for (const each of compared) showForPeople(each, io);
  if (compared.some(isFailure)) io.exit(EXIT.failed);
}

/** What a server told, and how it differs from each contract; without contracts, and if it has not told, nothing is compared. */
interface Compared {
  readonly told: Told;
  readonly comparisons: readonly Comparison[] | undefined;
}

function isFailure({ told, comparisons = [] }: Compared): boolean {
  return (
    reasonOf(told) !== undefined || comparisons.some(({ differences }) => differences.length > 0)
  );
}

async function ask(
  command: Command,
  io: CliIo,
  options: FreelanceClientOptions & { readonly endpoints: string },
  timeout: number,
): Promise<Told> {
  const { endpoints: endpoint } = options;
  const client = await openClient(command, io, options);
  try {
    const { FreelanceRecordBuilder } = await import('../../nest/client/freelance-record.js');
    const record = new FreelanceRecordBuilder({})
      .setTimeout(timeout)
      .setSignal(io.interrupted)
      // A call that is for one server alone goes there even if it is not ready, and waits for none that is lost.
      .setBroadcast();
    for await (const value of client.iterate(INFO_PATTERN, record.build())) {
      // One that cannot be printed is a failure of this server alone.
      jsonText(value);
      return { endpoint, info: value };
    }
    return { endpoint, info: undefined };
  } catch (error) {
    const failure = onlyFailure(error);
    return { endpoint, error: failure?.error ?? error, outcome: failure?.reason };
  } finally {
    client.close();
  }
}

function showAsJson(all: readonly Compared[], io: CliIo): void {
  const shown = all.map(({ told, comparisons }) => {
    const { endpoint } = told;
    const reason = reasonOf(told);
    const contracts = comparisons?.map(({ contract: { name }, differences }) => ({
      name,
      differences,
    }));
    if (reason === undefined) return { ...told, ...(contracts && { contracts }) };
    return { endpoint, reason, ...('error' in told && { error: failureAsJson(told.error) }) };
  });
  io.out(`${jsonOf(shown)}\n`);
}

function showForPeople({ told, comparisons }: Compared, io: CliIo): void {
  const { endpoint } = told;
  const read = 'info' in told ? readInfo(told.info) : undefined;
  if (read) {
    const style = { colours: coloursOf(io.isTty, io.env), width: io.columns };
    io.out(
      `${comparisons ? showComparisons(endpoint, read, comparisons, style) : showInfo(endpoint, read, style)}\n`,
    );
  } else {
    io.err(`${endpoint}: ${reasonOf(told) ?? ''}\n`);
  }
}

/** Why a server has not told what it offers; undefined if it has. */
function reasonOf(told: Told): string | undefined {
  if ('info' in told) return readInfo(told.info) ? undefined : NOT_OURS;
  const { endpoint, error, outcome } = told;
  if (error instanceof FreelanceError && outcome !== undefined)
    return `${error.code}: ${flagWords(plainText(outcome))}. ${seeDoctor(endpoint, outcome)}`;
  if (error instanceof FreelanceError) return `${error.code}: ${flagWords(error.message)}`;
  if (isError(error)) return error.message;
  return jsonOf(error).includes(NO_MESSAGE_HANDLER)
    ? TURNED_OFF
    : `it answered with an error: ${jsonOf(error)}`;
}

const TURNED_OFF =
  'it does not tell what it offers. By default a server tells that only if it is bound to its own machine alone, or if its ' +
  'security admits named clients only. Its option introspection: true turns it on. Older versions of this library cannot tell it.';

const NOT_OURS = `it answers ${INFO_PATTERN} with something else: it is no server of this library.`;
