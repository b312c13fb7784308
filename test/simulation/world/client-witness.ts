import type { ClientAgentObserver } from '../../../lib/agents/client/client-agent.js';
import { hostOf } from '../network/addresses.js';
import type { Ground } from './host.js';
import type { Process } from './process.js';

/** What a client may be told of messages that nobody waits for any more. */
const HARMLESS = new Set(['REPLY to no call', 'ACK to no event']);

/** Hears what a client agent has to tell, and judges it. */
export function clientWitness(
  process: Process,
  { trace, network, verdict }: Ground,
  changed: () => void,
): ClientAgentObserver {
  return {
    stateChanged(endpoint, { from, to, reason }) {
      if (trace.isOn) trace.say(process.name, `${endpoint} ${from} → ${to} ${reason}`);
      const isLoss = to === 'dead' && reason.startsWith('the connection');
      if (isLoss && !network.hasLost(process, hostOf(endpoint))) {
        const what = `${process.name} took ${endpoint} for dead: ${reason}, but the latest one was not`;
        verdict.broken('no stale news', what);
      }
      changed();
    },
    usableChanged(isUsable) {
      if (trace.isOn) trace.say(process.name, isUsable ? 'can call' : 'can call nobody');
      changed();
    },
    dropped(reason, endpoint) {
      if (HARMLESS.has(reason)) return;
      verdict.broken(
        reason === 'PONG to no PING' ? 'no stale news' : 'plain words',
        `${process.name} dropped a message of ${endpoint}: ${reason}`,
      );
    },
  };
}
