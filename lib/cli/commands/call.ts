import { Command, Option } from 'commander';
import type { FreelanceClientProxy } from '../../nest/client/freelance-client-proxy.js';
import { broadcastCall } from '../call/broadcast-call.js';
import { tellFailure } from '../call/failures.js';
import { type GivenRequest, prepareRequest } from '../call/prepare-request.js';
import { addRequestFlags, type RequestFlags } from '../call/request-flags.js';
import { showValue, type ValueStyle } from '../call/show-value.js';
import type { CliIo } from '../cli-io.js';
import { addConnectionFlags } from '../connection-flags.js';
import { openClient } from '../open-client.js';
import { teach } from '../teach.js';
import { untilUnreachable } from '../unreachable.js';

export interface CallFlags extends RequestFlags {
  readonly raw?: boolean;
  readonly stream?: boolean;
}

export function callCommand(io: CliIo): Command {
  const command = new Command('call')
    .summary('call a handler, and print what it answers')
    .description('Calls a handler, and prints its value, and nothing else.')
    .argument('<pattern>', 'of the handler: text, or a JSON object such as \'{"cmd":"sum"}\'')
    .argument('[data]', 'JSON; @FILE has it; - for standard input (default: {})');
  addRequestFlags(command)
    .option('--stream', 'print all values of the handler, each on a line, as they come')
    .addOption(
      new Option('--raw', 'print strings without quotes, and bytes as they are').conflicts('json'),
    )
    .option('--json', 'print JSON on one line, and errors as JSON, too');
  addConnectionFlags(command, 'flag').action(
    (pattern: string, data: string | undefined, flags: CallFlags) =>
      call(command, io, { pattern, data, flags }),
  );
  return teach(command, {
    notes: [
      'The call moves to another endpoint if a server is lost, as calls of an application do. Bytes are printed as\nbase64 in quotes, unless --raw. Ctrl-C cancels the call: the signal of its handler aborts.',
    ],
    examples: [
      ["call sum '[1, 2]' -e tcp://10.0.0.1:5555", 'prints 3'],
      ['call \'{"cmd":"orders"}\' @query.json --stream | jq .total', 'a line for each order'],
      ['call version --broadcast -e tcp://a:5555,tcp://b:5555', 'what each of the servers answers'],
      ['call report --timeout 2s -m traceparent=00-… < /dev/null', 'with a deadline, and metadata'],
    ],
    exitCodes: { 0: 'the handler has answered', 1: 'the call failed: standard error says how' },
  });
}

async function call(command: Command, io: CliIo, request: GivenRequest<CallFlags>): Promise<void> {
  const { flags } = request;
  const { pattern, record, options } = await prepareRequest(command, io, request);
  if (flags.broadcast) {
    return broadcastCall(command, io, { options, pattern, record, isJson: flags.json === true });
  }
  const client = await openClient(command, io, options);
  try {
    await Promise.race([
      print(client.iterate(pattern, record), flags, io),
      untilUnreachable(client),
    ]);
  } catch (error) {
    tellFailure(error, flags.json === true, io);
  } finally {
    client.close();
  }
}

async function print(
  values: ReturnType<FreelanceClientProxy['iterate']>,
  { stream = false, raw = false, json = false }: CallFlags,
  io: CliIo,
): Promise<void> {
  const style: ValueStyle = { isRaw: raw, isPretty: io.isTty && !stream && !json };
  let count = 0;
  for await (const value of values) {
    if (count++ > 0 && !stream) {
      io.err('The handler has more values: --stream prints all.\n');
      return;
    }
    io.out(showValue(value, style));
    // The next value is asked for once this one is on its way.
    await io.drained();
  }
}
