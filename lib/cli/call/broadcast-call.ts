import type { Command } from 'commander';
import { onlyFailure } from '../../core/only-failure.js';
import { plainText } from '../../core/plain-text.js';
import type { FreelanceRecord } from '../../nest/client/freelance-record.js';
import type { FreelanceClientOptions } from '../../nest/options/client-options.js';
import type { CliIo } from '../cli-io.js';
import { coloursOf } from '../colours.js';
import { EXIT } from '../exit-codes.js';
import { openClient } from '../open-client.js';
import { flagWords } from '../words-of-flags.js';
import { failureAsJson } from './failures.js';
import { jsonOf } from './show-value.js';

export interface BroadcastCall {
  readonly options: FreelanceClientOptions & { readonly endpoints: readonly string[] };
  readonly pattern: unknown;
  /** With `setBroadcast`. */
  readonly record: FreelanceRecord;
  readonly isJson: boolean;
}

/**
 * Calls every server, and prints each value with its server, as it comes. Values of one broadcast do not say whose they are:
 * so there is a client for each server, whose broadcast has only that.
 */
export async function broadcastCall(
  command: Command,
  io: CliIo,
  { options, pattern, record, isJson }: BroadcastCall,
): Promise<void> {
  const { endpoints } = options;
  const report = isJson ? broadcastAsJson(io) : broadcastForPeople(io, endpoints);
  const answered = await Promise.all(
    endpoints.map(async (endpoint) => {
      const client = await openClient(command, io, { ...options, endpoints: endpoint });
      try {
        for await (const value of client.iterate(pattern, record)) {
          report.value(endpoint, value);
          await io.drained();
        }
        return true;
      } catch (error) {
        if (!io.interrupted.aborted) report.failed(endpoint, causeOf(error));
        return false;
      } finally {
        client.close();
      }
    }),
  );
  if (answered.includes(false)) io.exit(EXIT.failed);
}

interface BroadcastPrinter {
  value(endpoint: string, value: unknown): void;
  failed(endpoint: string, failure: Failure): void;
}

interface Failure {
  /** In a few words. */
  readonly reason: string;
  readonly error: unknown;
}

function broadcastForPeople(io: CliIo, endpoints: readonly string[]): BroadcastPrinter {
  const width = Math.max(...endpoints.map(({ length }) => length));
  const out = coloursOf(io.isTty, io.env);
  const err = coloursOf(io.isErrTty, io.env);
  return {
    value: (endpoint, value) =>
      io.out(`${out.bold(endpoint.padEnd(width))}  ${value === undefined ? '' : jsonOf(value)}\n`),
    failed: (endpoint, { reason }) =>
      io.err(
        `${endpoint.padEnd(width)}  ${err.red('failed:')} ${plainText(flagWords(reason), LONGEST_REASON)}\n`,
      ),
  };
}

/** A JSON object a line, failures too: whoever reads it wants to know of all servers. */
function broadcastAsJson(io: CliIo): BroadcastPrinter {
  return {
    value: (endpoint, value) => io.out(`${jsonOf({ endpoint, value: plainOf(value) })}\n`),
    failed: (endpoint, { error }) =>
      io.out(`${jsonOf({ endpoint, failed: failureAsJson(error) })}\n`),
  };
}

/** Bytes as base64, which they are outside of objects, too. */
function plainOf(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

/** What became of the only server of a broadcast. */
function causeOf(error: unknown): Failure {
  return onlyFailure(error) ?? { reason: jsonOf(failureAsJson(error)), error };
}

const LONGEST_REASON = 500;
