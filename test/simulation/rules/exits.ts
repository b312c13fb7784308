import type { Execution } from '../ledger/execution.js';
import type { Ground } from '../world/host.js';
import type { Process } from '../world/process.js';

/** After so long what was closed has said its last words, in ms. */
export const FAREWELL_MS = 2000;

/** Once a process has closed what it had open, nothing keeps it from exiting. */
export function expectCleanExit(process: Process, ground: Ground): void {
  const { timeline, ledger, network, verdict } = ground;
  for (const entry of ledger.openOf(process)) {
    verdict.broken('ends', `${entry.name} is open, though its client was closed`);
  }
  timeline.in(FAREWELL_MS, () => {
    if (!process.isAlive) return;
    const left = {
      timers: process.timers,
      connections: network.connectionsOf(process),
      'handlers at work': [...ledger.runningAt(process)].filter(isRunning).length,
    };
    for (const [what, count] of Object.entries(left)) {
      if (count > 0)
        verdict.broken('clean exit', `${process.name} has closed, but has ${count} ${what}`);
    }
  });
}

function isRunning({ state }: Execution): boolean {
  return state === 'running';
}
