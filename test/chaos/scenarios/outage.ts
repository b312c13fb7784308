import { setTimeout as delay } from 'node:timers/promises';
import { connectTo } from '../fleet/fleet.js';
import { atMost, fact, none } from '../judge/finding.js';
import { heapInUse, MIB } from '../judge/memory.js';
import { most } from '../judge/statistics.js';
import type { Answered } from '../load/meter.js';
import { SteadyLoad } from '../load/load.js';
import type { Scenario } from './scenario.js';

/** The rate of answers is looked at in steps of so many ms. */
const STEP_MS = 200;

/** So many connections to one server within so many ms are a stampede: that share of all clients. */
const AT_ONCE_MS = 10;
const MOST_AT_ONCE = 1 / 3;

/** The clients find out meanwhile, in ms, and what they were doing has ended. */
const SETTLE_MS = 6000;

/** All servers die, and come back together, when many clients wait for them. */
export const outage: Scenario = {
  name: 'outage',
  fault: 'all three servers down, then back',
  async run({ fleet, isShort, progress }) {
    const { downMs, settleMs, others } = isShort
      ? { downMs: 2000, settleMs: 1000, others: 5 }
      : { downMs: 30_000, settleMs: SETTLE_MS, others: 30 };
    const connectTimeout = isShort ? 1000 : 5000;
    using client = connectTo(fleet.endpoints, { connectTimeout });
    const crowd = Array.from({ length: others }, () => connectTo(fleet.endpoints));
    await Promise.all([client, ...crowd].map((each) => each.connect()));
    await using load = new SteadyLoad(client);
    const { meter } = load;
    using before = meter.record();
    await delay(2000);
    const usual = before.answers.length / 2;

    await Promise.all(fleet.hosts.map((host) => host.kill()));
    await delay(settleMs);
    const heapAtFirst = heapInUse();
    await delay(downMs - settleMs);
    const growth = (heapInUse() - heapAtFirst) / MIB;
    using after = meter.record();
    await Promise.all(fleet.hosts.map((host) => host.start()));
    const backAt = performance.now();
    await Promise.all(fleet.hosts.map(({ serverId }) => meter.answeredBy(serverId)));
    const { failed } = meter;
    await delay(isShort ? 500 : 5000);
    const recoveredMs = recovery(after.answers, backAt, 0.9 * usual);
    const connections = (await Promise.all(fleet.hosts.map((host) => host.facts()))).map(
      ({ connectedAt }) => connectedAt,
    );
    for (const each of crowd) each.close();
    await load.end();
    const { failures } = meter;
    const clear = failures.filter(
      ({ code, message }) =>
        code === 'ECONNREFUSED' && fleet.endpoints.every((endpoint) => message.includes(endpoint)),
    ).length;
    progress(`${failed} calls failed: ${failures[0]?.message}`);
    progress(`connections per server: ${connections.map(({ length }) => length).join(', ')}`);
    return [
      fact(
        'errors that name every server, and say ECONNREFUSED',
        'all',
        `${clear} of ${failed}`,
        clear === failed,
      ),
      none('calls that failed once all had answered again', meter.failed - failed),
      atMost('memory of the client, growth meanwhile', 1, growth, 'MiB'),
      atMost('full throughput after the return', 2000, recoveredMs, 'ms'),
      atMost(
        `connections to one server within ${AT_ONCE_MS} ms, of ${others + 1} clients`,
        Math.floor((others + 1) * MOST_AT_ONCE),
        most(connections.map(mostAtOnce)),
        'at most',
      ),
    ];
  },
};

/** How long after that moment answers came at that rate for a step, in ms. */
function recovery(answers: readonly Answered[], from: number, perSecond: number): number {
  const ends = answers.map(({ endedAt }) => endedAt).filter((at) => at >= from);
  const isFull = (at: number) =>
    ends.filter((end) => end >= at && end < at + STEP_MS).length >= (perSecond * STEP_MS) / 1000;
  for (let ms = 0; from + ms < (ends.at(-1) ?? from); ms += STEP_MS / 4) {
    if (isFull(from + ms)) return ms + STEP_MS;
  }
  return Infinity;
}

function mostAtOnce(moments: readonly number[]): number {
  return most(
    moments.map((from) => moments.filter((at) => at >= from && at < from + AT_ONCE_MS).length),
  );
}
