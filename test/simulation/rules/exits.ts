import type { Execution } from '../ledger/execution.js';
import type { Ground } from '../world/host.js';
import type { Process } from '../world/process.js';

/** Time until a closed agent has sent its last messages, in ms. */
export const FAREWELL_MS = 2000;

/** Once a process has closed everything, nothing keeps it from exiting. */
export function expectCleanExit(process: Process, ground: Ground): void {
  const { timeline, ledger, network, verdict } = ground;
  const expectNo = (what: string, count: number) => {
    if (!process.isAlive || count === 0) return;
    verdict.broken('clean exit', `${process.name} has closed, but has ${count} ${what}`);
  };
  timeline.atTurnEnd(() => {
    // Of a client that was closed by a callback, calls end when that has returned.
    for (const entry of process.isAlive ? ledger.openOf(process) : []) {
      verdict.broken('ends', `${entry.name} is open, though its client was closed`);
    }
    expectNo('timers', process.timers);
    expectNo('handlers at work', [...ledger.runningAt(process)].filter(isRunning).length);
  });
  timeline.in(FAREWELL_MS, () => {
    expectNo('timers', process.timers);
    expectNo('connections', network.connectionsOf(process));
  });
}

function isRunning({ state }: Execution): boolean {
  return state === 'running';
}
