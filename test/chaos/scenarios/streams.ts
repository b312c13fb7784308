import { setTimeout as delay } from 'node:timers/promises';
import { connectTo } from '../fleet/clients.js';
import type { Fleet } from '../fleet/fleet.js';
import type { ServerFacts } from '../fleet/messages.js';
import { atMost, none, number } from '../judge/finding.js';
import { heapInUse, MIB } from '../judge/memory.js';
import { most } from '../judge/statistics.js';
import { IN_FLIGHT } from '../load/load.js';
import { openAndCancel } from '../load/streams.js';
import type { Scenario } from './scenario.js';

/** The longest time for a CANCEL to take effect, in ms, on however busy a machine. */
const PATIENCE_MS = 10_000;

/** Callers open streams that never end, and leave them. */
export const streams: Scenario = {
  name: 'streams',
  fault: 'streams cancelled by their callers',
  async run({ fleet, isShort, random, progress }) {
    const count = isShort ? 500 : 10_000;
    using client = await connectTo(fleet.endpoints);
    // Everything that is created once, and kept, exists by now.
    await cancelled(count / 5);
    await left(fleet);
    const before = await heaps();
    const failed = await cancelled(count);
    const facts = await left(fleet);
    const after = await heaps();
    progress(`heaps before ${mib(before)}, after ${mib(after)}`);
    const sum = (what: 'openHandlers' | 'running' | 'queued') =>
      facts.reduce((total, each) => total + each[what], 0);
    return [
      none('streams that failed', failed, count),
      none('handlers left', sum('openHandlers')),
      none('calls left at the servers', sum('running') + sum('queued')),
      none('calls left at the client', client.stats().pending),
      atMost(
        'memory left, at the client or a server',
        1,
        most(after.map((bytes, at) => bytes - (before[at] ?? 0))) / MIB,
        'MiB',
      ),
    ];

    async function cancelled(total: number): Promise<number> {
      let begun = 0;
      let failures = 0;
      const callOnAndOn = async () => {
        while (begun++ < total) await openAndCancel(client, random).catch(() => failures++);
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, callOnAndOn));
      return failures;
    }

    async function heaps(): Promise<number[]> {
      const servers = await Promise.all(fleet.hosts.map((host) => host.facts()));
      return [heapInUse(), ...servers.map(({ heap }) => heap)];
    }
  },
};

/** What the servers still hold once nothing should be left. */
async function left({ hosts }: Fleet): Promise<ServerFacts[]> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const facts = await Promise.all(hosts.map((host) => host.facts()));
    const isEmpty = facts.every(({ openHandlers, running }) => openHandlers + running === 0);
    if (isEmpty || performance.now() > until) return facts;
    await delay(50);
  }
}

function mib(bytes: readonly number[]): string {
  return bytes.map((each) => `${number(each / MIB)} MiB`).join(', ');
}
