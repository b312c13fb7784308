import { setTimeout as delay } from 'node:timers/promises';
import { connectTo, Crowd } from '../fleet/clients.js';
import { atMost, none } from '../judge/finding.js';
import { heapInUse, MIB } from '../judge/memory.js';
import { most } from '../judge/statistics.js';
import type { Answered, Failed } from '../load/meter.js';
import { SteadyLoad } from '../load/load.js';
import type { Scenario } from './scenario.js';

/** The answer rate is computed in steps of this many ms. */
const STEP_MS = 200;

/** A stampede: this share of all clients connects to one server within this many ms. */
const AT_ONCE_MS = 10;
const MOST_AT_ONCE = 1 / 3;

/** Either no server was reachable, or all of them died one after the other while they had the call. */
const CODES = new Set(['ECONNREFUSED', 'ECONNRESET']);

/** `settleMs`: by then the clients have noticed, and pending operations have ended. */
const FULL = { downMs: 30_000, settleMs: 6000, afterMs: 5000, others: 30, connectTimeout: 5000 };
const SHORT = { downMs: 2000, settleMs: 1000, afterMs: 500, others: 5, connectTimeout: 1000 };

/** All servers die and return together while many clients wait for them. */
export const outage: Scenario = {
  name: 'outage',
  fault: 'all three servers down, then back',
  async run({ fleet, isShort, progress }) {
    const { downMs, settleMs, afterMs, others, connectTimeout } = isShort ? SHORT : FULL;
    const { hosts, endpoints } = fleet;
    using client = await connectTo(endpoints, { connectTimeout });
    using crowd = await Crowd.gather(others, endpoints);
    using load = new SteadyLoad(client);
    const { meter } = load;
    const usual = await answersWithin(2000);

    await Promise.all(hosts.map((host) => host.kill()));
    await delay(settleMs);
    const heap = heapInUse();
    await delay(downMs - settleMs);
    const growth = (heapInUse() - heap) / MIB;

    using after = meter.record();
    await Promise.all(hosts.map((host) => host.start()));
    const backAt = performance.now();
    await Promise.all(hosts.map(({ serverId }) => meter.answeredBy(serverId)));
    const allAnswerMs = performance.now() - backAt;
    const { failed, failures } = meter;
    const unclear = failures.filter((failure) => !isClear(failure, endpoints));
    await delay(afterMs);
    const fullMs = timeToRate(after.answers, backAt, (0.9 * usual) / 2000);
    const servers = await Promise.all(hosts.map((host) => host.facts()));
    const atOnce = most(servers.map(({ connectedAt }) => mostAtOnce(connectedAt)));
    progress(`${failed} calls failed, such as: ${failures[0]?.message}`);
    await load.end();
    return [
      none(
        'errors of other codes, or that do not name every server',
        unclear.length,
        failed,
        unclear[0]?.message,
      ),
      none('calls that failed once all had answered again', meter.failed - failed),
      atMost('memory of the client, growth meanwhile', 1, growth, 'MiB'),
      atMost('full throughput after the return', 2000, fullMs, 'ms'),
      atMost('all servers answer after the return', 2000, allAnswerMs, 'ms'),
      atMost(
        `connections to one server within ${AT_ONCE_MS} ms`,
        Math.floor((crowd.size + 1) * MOST_AT_ONCE),
        atOnce,
        `of ${crowd.size + 1}`,
      ),
    ];

    async function answersWithin(ms: number): Promise<number> {
      const { answered } = meter;
      await delay(ms);
      return meter.answered - answered;
    }
  },
};

function isClear({ code, message }: Failed, endpoints: readonly string[]): boolean {
  // The first server that has returned takes few calls at a time: the wait of the others may end before their turn.
  const isRight = CODES.has(code) || (code === 'OVERLOADED' && message.includes(' is alive'));
  return isRight && endpoints.every((endpoint) => message.includes(endpoint));
}

/** How long after that moment the answer rate was reached for one step, in ms. */
function timeToRate(answers: readonly Answered[], from: number, perMs: number): number {
  const ends = answers.map(({ endedAt }) => endedAt - from);
  const latest = most(ends);
  for (let at = 0; at < latest; at += STEP_MS / 4) {
    const until = at + STEP_MS;
    if (ends.filter((end) => end >= at && end < until).length >= perMs * STEP_MS) return until;
  }
  return Infinity;
}

function mostAtOnce(moments: readonly number[]): number {
  return most(
    moments.map((from) => moments.filter((at) => at >= from && at < from + AT_ONCE_MS).length),
  );
}
