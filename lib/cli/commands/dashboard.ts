import { once } from 'node:events';
import { Command } from 'commander';
import type { DashboardServer } from '../../dashboard/dashboard-server.js';
import { CliError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { addConnectionFlags, foundOptions } from '../connection-flags.js';
import { routeLog } from '../route-log.js';
import { teach } from '../teach.js';
import { wholeNumber } from '../values.js';
import { inWordsOfFlags } from '../words-of-flags.js';

interface DashboardFlags {
  readonly port: number;
  readonly json?: boolean;
}

const MAX_PORT = 65_535;

export function dashboardCommand(io: CliIo): Command {
  const command = new Command('dashboard')
    .summary('serve a live page of servers to this machine')
    .description(
      'Serves a page that shows servers, their calls, and what has happened to them in the last ten minutes. It prints the address, and serves until Ctrl-C.',
    )
    .option('-p, --port <n>', 'the port; 0: a free one', wholeNumber(0, MAX_PORT), 0)
    .option('--json', 'print the address as JSON, for programs');
  addConnectionFlags(command, 'flag').action((flags: DashboardFlags) =>
    serveDashboard(command, io, flags),
  );
  return teach(command, {
    notes: [
      'The page is for this machine only: it is served at 127.0.0.1, and changes\nnothing. What servers say of themselves needs their option introspection.\ndocs/dashboard.md tells how to have the page in an application.',
    ],
    examples: [
      [
        'dashboard -e tcp://10.0.0.1:5555 -e tcp://10.0.0.2:5555',
        'a page of two servers, on a free port',
      ],
      ['dashboard --port 8080', 'of the servers in FREELANCE_ENDPOINTS, at http://127.0.0.1:8080/'],
    ],
    exitCodes: { 1: 'the port cannot be had: standard error says why' },
  });
}

async function serveDashboard(
  command: Command,
  io: CliIo,
  { port, json }: DashboardFlags,
): Promise<void> {
  const options = await foundOptions(command, io);
  // They load Nest.
  const { FleetWatch } = await import('../../fleet/fleet-watch.js');
  const { Dashboard } = await import('../../dashboard/dashboard.js');
  const { DEFAULT_MAX_VIEWERS } = await import('../../dashboard/dashboard-options.js');
  const { DashboardServer: Server } = await import('../../dashboard/dashboard-server.js');
  await routeLog(command, io);
  const watch = inWordsOfFlags(() => new FleetWatch(options));
  const dashboard = new Dashboard(watch, {
    maxViewers: DEFAULT_MAX_VIEWERS,
    onlyWhileWatched: false,
  });
  const server = new Server(dashboard);
  const url = await listen(server, port);
  if (json) io.out(`${JSON.stringify({ url })}\n`);
  else io.out(`${url}\n`);
  if (!json && io.isErrTty) io.err('Ctrl-C ends it.\n');
  if (!io.interrupted.aborted) await once(io.interrupted, 'abort');
  await server.close();
}

async function listen(server: DashboardServer, port: number): Promise<string> {
  try {
    return await server.listen(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new CliError(
        `Port ${port} of 127.0.0.1 is taken: choose another with --port, or leave it out for a free one.`,
      );
    }
    if (code === 'EACCES') {
      throw new CliError(`Port ${port} needs privileges: choose one from 1024 on with --port.`);
    }
    throw error;
  }
}
