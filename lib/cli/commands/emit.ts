import { Command } from 'commander';
import type { Observable } from 'rxjs';
import type { BroadcastReport } from '../../nest/client/broadcast-report.js';
import { type GivenRequest, prepareRequest } from '../call/prepare-request.js';
import { addRequestFlags, type RequestFlags } from '../call/request-flags.js';
import { failureAsJson, tellFailure } from '../call/failures.js';
import { jsonOf } from '../call/show-value.js';
import type { CliIo } from '../cli-io.js';
import { addConnectionFlags } from '../connection-flags.js';
import { EXIT } from '../exit-codes.js';
import { openClient } from '../open-client.js';
import { teach } from '../teach.js';
import { untilUnreachable } from '../unreachable.js';

export function emitCommand(io: CliIo): Command {
  const command = new Command('emit')
    .summary('send an event')
    .description(
      'Sends an event to one server, or with --broadcast to all, and ends once it is accepted.',
    )
    .argument('<pattern>', 'of the event: text, or a JSON object such as \'{"cmd":"sum"}\'')
    .argument('[data]', 'JSON; @FILE has it; - for standard input (default: {})');
  addRequestFlags(command).option('--json', 'print who has accepted it as JSON');
  addConnectionFlags(command, 'flag').action(
    (pattern: string, data: string | undefined, flags: RequestFlags) =>
      emit(command, io, { pattern, data, flags }),
  );
  return teach(command, {
    notes: [
      'A server accepts an event before its handlers run, and whether or not it has any: what becomes of it is in its\nlog alone. The command info lists what has a handler.',
    ],
    examples: [
      ['emit order.created \'{"id":7}\' -e tcp://10.0.0.1:5555', 'to one server'],
      [
        'emit cache.clear --broadcast -e tcp://a:5555,tcp://b:5555',
        'to each server, and prints who accepted it',
      ],
    ],
    exitCodes: { 0: 'accepted; by every server, with --broadcast', 1: 'not accepted' },
  });
}

async function emit(command: Command, io: CliIo, request: GivenRequest): Promise<void> {
  const { flags } = request;
  const { pattern, record, options } = await prepareRequest(command, io, request);
  const client = await openClient(command, io, options);
  try {
    const sent = lastOf(client.emit<BroadcastReport | undefined>(pattern, record));
    // A broadcast says of each server by itself what became of it.
    const report = await (flags.broadcast ? sent : Promise.race([sent, untilUnreachable(client)]));
    if (report) showReport(report, flags.json === true, io);
    else if (flags.json) io.out(`${jsonOf({ accepted: true })}\n`);
    else io.err(ACCEPTED);
  } catch (error) {
    tellFailure(error, flags.json === true, io);
  } finally {
    client.close();
  }
}

/** The protocol's ACK says no more. */
const ACCEPTED =
  'A server has accepted the event. Its handlers may still run. If it has none for this pattern, it has dropped the event and does ' +
  'not say so: `nestjs-freelance info` lists what has a handler.\n';

/** As `lastValueFrom` of rxjs, which the program does not load before it needs Nest. */
function lastOf<T>(values: Observable<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let last: T | undefined;
    values.subscribe({
      next: (value) => (last = value),
      error: reject,
      complete: () => resolve(last),
    });
  });
}

function showReport({ accepted, failed }: BroadcastReport, isJson: boolean, io: CliIo): void {
  if (isJson) {
    const failures = failed.map(({ endpoint, error }) => ({
      endpoint,
      failed: failureAsJson(error),
    }));
    io.out(`${jsonOf({ accepted, failed: failures })}\n`);
  } else {
    for (const endpoint of accepted) io.out(`${endpoint}\n`);
    for (const { endpoint, reason } of failed)
      io.err(`${endpoint} has not accepted it: ${reason}\n`);
  }
  if (failed.length > 0) io.exit(EXIT.failed);
}
