import { type Finding, Problem } from './finding.js';
import { isPong, type Pings } from './pings.js';
import { shownMs } from './words.js';

const PINGS = 20;

/** The defaults of a client: how often it pings, and how long a server may be silent. In ms. */
const HEARTBEAT_INTERVAL_MS = 1000;
const HEARTBEAT_TIMEOUT_MS = 3000;

/** PINGs one after the other, and how long each PONG takes. */
export async function checkLatency(
  pings: Pings,
  timeoutMs: number,
  now: () => number,
): Promise<Finding<void>> {
  const until = now() + timeoutMs;
  const times: number[] = [];
  let sent = 0;
  while (sent < PINGS && now() < until) {
    sent++;
    const startedAt = now();
    const answer = await pings.ping(Math.min(HEARTBEAT_TIMEOUT_MS, timeoutMs));
    if (answer.type === 'lost') {
      throw new Problem(`the connection was lost at PING ${sent}`, [
        'Look at the log of the server: it may have ended, or have dropped this client.',
      ]);
    }
    if (answer.type === 'answer' && isPong(answer.value)) times.push(now() - startedAt);
  }
  const lost = sent - times.length;
  times.sort((a, b) => a - b);
  const [min, median, max] = [times[0], times[Math.floor(times.length / 2)], times.at(-1)];
  if (min === undefined || median === undefined || max === undefined) {
    throw new Problem(
      `${sent} PINGs, and no PONG within ${shownMs(Math.min(HEARTBEAT_TIMEOUT_MS, timeoutMs))}`,
      ['The server answered before: its process may be stopped, or its event loop busy.'],
    );
  }
  return {
    value: undefined,
    summary:
      `${sent} PINGs: min ${shownMs(min)}, median ${shownMs(median)}, max ${shownMs(max)}` +
      `${lost > 0 ? `, ${lost} lost` : ''}; a client waits ${shownMs(HEARTBEAT_TIMEOUT_MS)} (heartbeatTimeout)`,
    warnings: warningsOn(max, lost),
    facts: { sent, lost, minMs: min, medianMs: median, maxMs: max },
  };
}

function warningsOn(max: number, lost: number): string[] {
  if (lost === 0 && max < HEARTBEAT_INTERVAL_MS) return [];
  return [
    `A PING that takes longer than heartbeatInterval (${shownMs(HEARTBEAT_INTERVAL_MS)}) makes a server suspect, and its calls go elsewhere: ` +
      'look for work that blocks the event loop of the server, or raise heartbeatInterval and heartbeatTimeout at the clients.',
  ];
}
