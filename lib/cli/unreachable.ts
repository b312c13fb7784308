import type { ClientStats } from '../agents/client/client-stats.js';
import { FreelanceError } from '../core/freelance-error.js';
import { plainText } from '../core/plain-text.js';
import type { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import { flagWords } from './words-of-flags.js';

/** What to do about a server that is not reached. */
export function seeDoctor(endpoint: string, reason: string): string {
  const isRunning = reason.includes('refused') ? 'Is the server running? ' : '';
  return `${isRunning}\`nestjs-freelance doctor ${endpoint}\` looks step by step.`;
}

/**
 * Rejects as soon as it is known of every server that it cannot be reached: refused, unresolvable, no such host, no ZMTP, not
 * letting this client in. An application waits for servers to come (`connectTimeout`); whoever waits at a terminal wants to know.
 * Once a server has answered, the client copes by itself, as in an application.
 *
 * @returns never resolves
 */
export function untilUnreachable(
  client: Pick<FreelanceClientProxy, 'on' | 'stats'>,
): Promise<never> {
  return new Promise((_, reject) => {
    const reasons = new Map<string, string>();
    const removers = [
      client.on('down', (endpoint, reason) => {
        reasons.set(endpoint, reason);
        if (!isAllDead(client.stats())) return;
        over();
        // If all of them refuse this client, its calls fail by themselves, in this very turn, and say that.
        setImmediate(() => reject(unreachable(reasons)));
      }),
      ...(['up', 'suspect', 'draining'] as const).map((event) => client.on(event, () => over())),
    ];
    const over = () => {
      for (const remove of removers) remove();
    };
  });
}

function isAllDead({ endpoints }: ClientStats): boolean {
  return Object.values(endpoints).every(({ state }) => state === 'dead');
}

function unreachable(reasons: ReadonlyMap<string, string>): FreelanceError {
  const [[first, why] = ['', '']] = reasons;
  const each = [...reasons].map(
    ([endpoint, reason]) => `${endpoint}: ${flagWords(plainText(reason))}`,
  );
  return new FreelanceError(
    'ECONNREFUSED',
    `No server can be reached: ${each.join('; ')}. ${seeDoctor(first, why)}`,
  );
}
