import type { Command } from 'commander';
import type { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import type { FreelanceClientOptions } from '../nest/options/client-options.js';
import type { CliIo } from './cli-io.js';
import { routeLog } from './route-log.js';
import { inWordsOfFlags } from './words-of-flags.js';

/**
 * A client for the servers of a command. Nest is loaded only now, so that commands that need no client start faster.
 *
 * @param options of `connectionOptions`, and more
 * @throws UsageError if an option is wrong, in the words of the flags
 */
export async function openClient(
  command: Command,
  io: CliIo,
  options: FreelanceClientOptions,
): Promise<FreelanceClientProxy> {
  const { FreelanceClientProxy: Client } = await import('../nest/client/freelance-client-proxy.js');
  await routeLog(command, io);
  return inWordsOfFlags(() => new Client(options));
}
