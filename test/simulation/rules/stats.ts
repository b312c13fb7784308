import type { ClientAgentOptions } from '../../../lib/agents/client/client-agent.js';
import type { ClientStats } from '../../../lib/agents/client/client-stats.js';
import type { ServerStats } from '../../../lib/agents/server/server-stats.js';
import type { Ground } from '../world/host.js';
import type { Process } from '../world/process.js';

/** What a client says of itself is what it does, and it keeps its bounds. */
export function expectTrueClientStats(
  { pending }: ClientStats,
  client: Process,
  { maxPending, endpoints }: Pick<ClientAgentOptions, 'maxPending' | 'endpoints'>,
  { ledger, verdict }: Ground,
): void {
  const open = [...ledger.openOf(client)];
  // A broadcast is one call for each server that has not answered yet.
  const broadcasts = open.filter(({ isBroadcast }) => isBroadcast).length;
  const least = open.length;
  const most = open.length - broadcasts + broadcasts * endpoints.length;
  if (pending < least || pending > most) {
    const are = least === most ? least : `${least} to ${most}`;
    verdict.broken('stats', `${client.name} says that ${pending} calls are open: ${are} are`);
  }
  if (open.length > maxPending) {
    verdict.broken(
      'bounds',
      `${client.name} has ${open.length} calls open of at most ${maxPending}`,
    );
  }
}

/** What a server says of itself is what it does. */
export function expectTrueServerStats(
  { running }: ServerStats,
  server: Process,
  { ledger, verdict }: Ground,
): void {
  const known = [...ledger.runningAt(server)];
  const least = known.filter(({ state }) => state === 'running').length;
  if (running >= least && running <= known.length) return;
  const are = `${least} to ${known.length}`;
  verdict.broken('stats', `${server.name} says that ${running} calls run there: ${are} do`);
}
