import type { ClientAgentListener } from '../../../lib/agents/client/client-agent-options.js';
import { hostOf } from '../network/addresses.js';
import type { Ground } from './host.js';
import type { Process } from './process.js';

/** Reasons for which a client may drop messages that nobody waits for. */
const HARMLESS = new Set(['unknown-reply', 'unknown-ack']);

/** Receives everything that a client agent reports, and checks it. */
export function clientWitness(
  process: Process,
  { trace, network, verdict }: Ground,
  changed: () => void,
): ClientAgentListener {
  return {
    stateChanged(endpoint, { from, to, reason }) {
      if (trace.isOn) trace.say(process.name, `${endpoint} ${from} → ${to} ${reason}`);
      const isLoss = to === 'dead' && reason.startsWith('the connection');
      if (isLoss && !network.hasLost(process, hostOf(endpoint))) {
        const what = `${process.name} took ${endpoint} for dead: ${reason}, but the latest one was not`;
        verdict.broken('no stale messages', what);
      }
      changed();
    },
    usableChanged(isUsable) {
      if (trace.isOn) trace.say(process.name, isUsable ? 'can call' : 'can call nobody');
      changed();
    },
    failedOver() {},
    dropped(reason, endpoint) {
      if (HARMLESS.has(reason)) return;
      verdict.broken(
        reason === 'unknown-pong' ? 'no stale messages' : 'understood',
        `${process.name} dropped a message of ${endpoint}: ${reason}`,
      );
    },
  };
}
