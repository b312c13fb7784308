import type { ClientAgentOptions } from '../../../lib/agents/client/client-agent.js';
import type { ClientStats } from '../../../lib/agents/client/client-stats.js';
import type { ServerStats } from '../../../lib/agents/server/server-stats.js';
import type { AdmissionPolicy } from '../../../lib/core/admission.js';
import type { Ground } from '../world/host.js';
import type { Process } from '../world/process.js';

type ClientBounds = Pick<ClientAgentOptions, 'maxPending' | 'maxPendingPerServer' | 'endpoints'>;

/** What a client says of itself is what it does, and it keeps its bounds. */
export function expectTrueClientStats(
  { pending, endpoints: servers }: ClientStats,
  client: Process,
  { maxPending, maxPendingPerServer, endpoints }: ClientBounds,
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
  if (Math.max(pending, open.length) > maxPending) {
    verdict.broken('bounds', `${client.name} has ${pending} calls open of at most ${maxPending}`);
  }
  for (const [endpoint, { pending: there }] of Object.entries(servers)) {
    if (there > maxPendingPerServer) {
      const what = `${client.name} has ${there} calls at ${endpoint} of at most ${maxPendingPerServer}`;
      verdict.broken('bounds', what);
    }
    if (there > 0 && open.length === 0) {
      const what = `${client.name} says that ${there} calls are at ${endpoint}: none is open`;
      verdict.broken('stats', what);
    }
  }
}

/** What a server says of itself is what it does, and it keeps its bounds. */
export function expectTrueServerStats(
  { running, queued }: ServerStats,
  server: Process,
  { maxConcurrency, maxQueue }: Pick<AdmissionPolicy, 'maxConcurrency' | 'maxQueue'>,
  { ledger, verdict }: Ground,
): void {
  const known = [...ledger.runningAt(server)];
  const least = known.filter(({ state }) => state === 'running').length;
  if (Math.max(least, running) > maxConcurrency) {
    verdict.broken('bounds', `${server.name} runs ${least} calls of at most ${maxConcurrency}`);
  }
  if (queued > maxQueue) {
    verdict.broken('bounds', `${server.name} lets ${queued} calls wait of at most ${maxQueue}`);
  }
  if (running >= least && running <= known.length) return;
  const are = `${least} to ${known.length}`;
  verdict.broken('stats', `${server.name} says that ${running} calls run there: ${are} do`);
}
