import type { OutgoingSocketFrames, SocketPort } from '../../../lib/sockets/socket-port.js';
import { drawFaults, PAUSES } from '../faults/draw-faults.js';
import type { SimulatedSockets } from '../network/network.js';
import type { Timeline } from '../time/timeline.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Scenario } from './scenario.js';

const REPLAY_WINDOW_MS = 5000;

/** When a call is repeated, in ms after the call itself: while it runs and after its end, but within the window. */
const REPEATED_AFTER = [0.1, 5, 50, 500, 2000];

/** Clients send each call and event twice, with the same id: it must run once. */
export const repeating: Scenario = {
  name: 'repeating',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 3, servers: 3 });
    const plan = drawPlan(places, chance, {
      pauseMs: 50,
      hedged: 0,
      idempotent: 0.3,
      // A call that a server stopped at its deadline is answered with an error when repeated.
      withDeadline: 0,
    });
    const mischief = { kinds: PAUSES, everyMs: 2000, longestMs: 500, untilMs: plan.lastsMs };
    return {
      ...plan,
      // A refused call may be repeated: here, nothing is refused.
      admission: { maxConcurrency: 1_000_000, replayWindow: REPLAY_WINDOW_MS },
      faults: drawFaults(mischief, places, chance),
      spoil: repeatingSockets,
    };
  },
};

function repeatingSockets(sockets: SimulatedSockets, timeline: Timeline): SocketPort {
  let sent = 0;
  return {
    bind: (addresses, listener) => sockets.bind(addresses, listener),
    connect(endpoint, listener) {
      const connection = sockets.connect(endpoint, listener);
      return {
        send(frames, onUndelivered) {
          connection.send(frames, onUndelivered);
          const again = withoutAllElse(frames);
          const after = REPEATED_AFTER[sent++ % REPEATED_AFTER.length] ?? 0;
          if (again) timeline.in(after, () => connection.send(again));
        },
        close: () => connection.close(),
        traffic: () => connection.traffic(),
        unwrap: () => connection.unwrap(),
      };
    },
  };
}

/** The calls and events of that message: everything else is sent once. */
function withoutAllElse(frames: OutgoingSocketFrames): OutgoingSocketFrames | undefined {
  const [delimiter = '', command = '', block = '', ...bodies] = frames;
  if (String(command) !== 'PACK') return isWork(String(command)) ? frames : undefined;
  const entries = (JSON.parse(String(block)) as [string][]).filter(([word]) => isWork(word));
  if (entries.length === 0) return undefined;
  return [delimiter, command, JSON.stringify(entries), ...bodies];
}

function isWork(command: string): boolean {
  return command === 'REQUEST' || command === 'EVENT';
}
