import type { Command } from 'commander';
import type { FreelanceRecord } from '../../nest/client/freelance-record.js';
import type { FreelanceClientOptions } from '../../nest/options/client-options.js';
import type { CliIo } from '../cli-io.js';
import { foundOptions } from '../connection-flags.js';
import { readData } from './read-data.js';
import { readPattern } from './read-pattern.js';
import { clientOptions, dataForm, recordOf, type RequestFlags } from './request-flags.js';

/** A call or an event, as it is given on the command line. */
export interface GivenRequest<Flags extends RequestFlags = RequestFlags> {
  readonly pattern: string;
  readonly data: string | undefined;
  readonly flags: Flags;
}

/** The same, for a client. */
export interface PreparedRequest {
  readonly pattern: string | object;
  readonly record: FreelanceRecord;
  readonly options: FreelanceClientOptions & { readonly endpoints: readonly string[] };
}

/** @throws UsageError if pattern, data or flags are wrong */
export async function prepareRequest(
  command: Command,
  io: CliIo,
  { pattern, data, flags }: GivenRequest,
): Promise<PreparedRequest> {
  // Before the data, which may be waited for.
  const read = readPattern(pattern);
  const options = { ...(await foundOptions(command, io)), ...clientOptions(flags) };
  const given = await readData(data, dataForm(flags), io);
  return { pattern: read, record: await recordOf(given, flags, io.interrupted), options };
}
