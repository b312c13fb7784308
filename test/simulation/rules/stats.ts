import type { ClientAgentOptions } from '../../../lib/agents/client/client-agent-options.js';
import type { CallStats } from '../../../lib/agents/call-stats.js';
import type { ClientStats } from '../../../lib/agents/client/client-stats.js';
import type { ServerStats } from '../../../lib/agents/server/server-stats.js';
import type { AdmissionPolicy } from '../../../lib/core/admission.js';
import type { Ground } from '../world/host.js';
import type { Process } from '../world/process.js';

type ClientBounds = Pick<ClientAgentOptions, 'maxPending' | 'maxPendingPerServer' | 'targets'>;

/** A client's stats are true, and it keeps its bounds. */
export function expectTrueClientStats(
  stats: ClientStats,
  client: Process,
  { maxPending, maxPendingPerServer, targets }: ClientBounds,
  { ledger, verdict }: Ground,
): void {
  const { pending, endpoints: servers, patterns, otherPatterns } = stats;
  const open = [...ledger.openOf(client)];
  // A broadcast counts as one call per server that has not answered yet.
  const broadcasts = open.filter(({ isBroadcast }) => isBroadcast).length;
  const least = open.length;
  const most = open.length - broadcasts + broadcasts * targets.length;
  if (pending < least || pending > most) {
    const are = least === most ? least : `${least} to ${most}`;
    verdict.broken('stats', `${client.name} says that ${pending} calls are open: ${are} are`);
  }
  if (Math.max(pending, open.length) > maxPending) {
    verdict.broken('bounds', `${client.name} has ${pending} calls open of at most ${maxPending}`);
  }
  if (missing(stats) !== 0) {
    const what = `${client.name} has ${missing(stats)} calls that are neither open nor have ended`;
    verdict.broken('stats', what);
  }
  if (!addUp(stats, [...Object.values(patterns), otherPatterns])) {
    verdict.broken('stats', `${client.name} counts by pattern what it does not in all`);
  }
  for (const [endpoint, atServer] of Object.entries(servers)) {
    const { pending: there, refused } = atServer;
    if (missing(atServer) !== refused) {
      const lost = missing(atServer) - refused;
      const what = `${client.name} has ${lost} attempts at ${endpoint} that are neither open nor have ended`;
      verdict.broken('stats', what);
    }
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

/** How many of the calls have no end, and are not pending: a call that ends twice makes that negative, one that is lost positive. */
const missing = ({ calls, pending, cancelled, latency }: CallStats) =>
  calls - pending - cancelled - latency.count;

/** Whether the parts add up to the whole. */
function addUp(whole: CallStats, parts: readonly CallStats[]): boolean {
  const sum = (of: (stats: CallStats) => number) => parts.reduce((all, part) => all + of(part), 0);
  const counts = [
    (stats: CallStats) => stats.calls,
    (stats: CallStats) => stats.pending,
    (stats: CallStats) => stats.cancelled,
    (stats: CallStats) => stats.latency.count,
  ];
  return counts.every((of) => sum(of) === of(whole));
}

/** A server's stats are true, and it keeps its bounds. */
export function expectTrueServerStats(
  stats: ServerStats,
  server: Process,
  { maxConcurrency, maxQueue }: Pick<AdmissionPolicy, 'maxConcurrency' | 'maxQueue'>,
  { ledger, verdict }: Ground,
): void {
  const { running, lingering, queued, pending } = stats;
  const { patterns, otherPatterns, callers, otherCallers } = stats;
  if (pending !== running - lingering) {
    const what = `${server.name} says that ${pending} calls are open: ${running - lingering} are`;
    verdict.broken('stats', what);
  }
  if (missing(stats) !== 0) {
    const what = `${server.name} has ${missing(stats)} calls that neither run nor have ended`;
    verdict.broken('stats', what);
  }
  const byPattern = [...Object.values(patterns), otherPatterns];
  const byCaller = [...Object.values(callers), otherCallers];
  if (!addUp(stats, byPattern) || !addUp(stats, byCaller)) {
    verdict.broken('stats', `${server.name} counts by pattern or client what it does not in all`);
  }
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
