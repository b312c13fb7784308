import { type Finding, none } from '../../chaos/judge/finding.js';
import type { Fleet } from '../fleet/fleet.js';
import type { LoadReport } from '../fleet/messages.js';
import type { RemoteClient } from '../fleet/remote-client.js';

/** Ends the calls of these clients. @returns what must hold of them in every scenario in which a healthy server is reachable */
export async function judgeCalls(
  fleet: Fleet,
  ...clients: readonly RemoteClient[]
): Promise<Finding[]> {
  const reports = await Promise.all(clients.map((client) => client.stop()));
  const idempotent = reports.map(({ loads }) => loads[0]);
  const once = reports.map(({ loads }) => loads[1]);
  const { executed, twice } = fleet.executions(clients.map(({ atMostOnce }) => atMostOnce));
  return [
    none('failed calls', failed(idempotent), started(idempotent), exampleOf(idempotent)),
    none('executed twice, idempotent: false', twice, executed),
    none(
      'failed calls, idempotent: false, by other than ECONNRESET',
      failed(once, 'ECONNRESET'),
      started(once),
      exampleOf(once, 'ECONNRESET'),
    ),
  ];
}

function started(loads: readonly LoadReport[]): number {
  return loads.reduce((sum, load) => sum + load.started, 0);
}

function failed(loads: readonly LoadReport[], except = ''): number {
  const counts = loads.flatMap((load) => Object.entries(load.failed));
  return counts.reduce((sum, [code, count]) => (code === except ? sum : sum + count), 0);
}

function exampleOf(loads: readonly LoadReport[], except = ''): string | undefined {
  const examples = loads.flatMap((load) => load.examples);
  return examples.find((example) => except === '' || !example.startsWith(`${except}:`));
}
