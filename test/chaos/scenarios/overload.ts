import { setTimeout as delay } from 'node:timers/promises';
import { connectTo } from '../fleet/clients.js';
import { Fleet } from '../fleet/fleet.js';
import { atLeast, atMost, none } from '../judge/finding.js';
import { quantile } from '../judge/statistics.js';
import { callAtRate } from '../load/fixed-rate.js';
import { Load, SteadyLoad, WORK_MS } from '../load/load.js';
import { waitsIn } from '../load/waits.js';
import type { Scenario } from './scenario.js';

/** Concurrent calls of one server: its places, like those of a connection pool. */
const PLACES = 8;

/** Each server has one client. */
const OPTIONS = { maxConcurrency: PLACES, maxConcurrencyPerClient: PLACES };

const OVERLOAD = 3;

/** After this time the servers no longer take it for a burst, in ms: their `maxQueueWait` is 100. */
const ONSET_MS = 1000;

/** Callers arrive three times as fast as the servers can work. */
export const overload: Scenario = {
  name: 'overload',
  fault: `${OVERLOAD}× overload`,
  async run({ isShort, progress }) {
    const seconds = isShort ? 0.5 : 10;
    await using fleet = await Fleet.start(OPTIONS);
    using client = await connectTo(fleet.endpoints);
    // First no call waits for a place; then all places are taken, and some calls wait.
    const calm = await answersOf(fleet.hosts.length);
    const peak = (await answersOf(2 * PLACES * fleet.hosts.length)).length / seconds;
    progress(`unloaded p99 ${quantile(calm, 0.99).toFixed(1)} ms, peak ${peak.toFixed()} calls/s`);

    const load = new Load(client);
    const { meter } = load;
    const onset = callAtRate(new Load(client), OVERLOAD * peak, ONSET_MS);
    await delay(ONSET_MS);
    using recording = meter.record();
    await callAtRate(load, OVERLOAD * peak, seconds * 1000);
    await onset;
    const refused = meter.failures.filter(({ code }) => code === 'OVERLOADED').map(({ ms }) => ms);
    const accepted = waitsIn(recording);
    progress(`${accepted.length} accepted: ${spread(accepted)}`);
    progress(`${refused.length} refused: ${spread(refused)}`);
    const after = new Load(client);
    await callAtRate(after, peak / 2, 500);
    return [
      none('calls neither answered nor refused', meter.failed - refused.length, meter.started),
      none('calls that failed afterwards', after.meter.failed, after.meter.started),
      atMost('accepted calls, p99', 2 * quantile(calm, 0.99), quantile(accepted, 0.99), 'ms'),
      atMost('refused calls, p99', 10, quantile(refused, 0.99), 'ms'),
      atLeast('throughput', 0.9 * peak, accepted.length / seconds, 'calls/s'),
    ];

    async function answersOf(callers: number): Promise<number[]> {
      using steady = new SteadyLoad(client, { callers });
      await delay(10 * WORK_MS);
      using answers = steady.meter.record();
      await delay(seconds * 1000);
      const waits = waitsIn(answers);
      await steady.end();
      return waits;
    }
  },
};

function spread(ms: readonly number[]): string {
  const at = [0.5, 0.9, 0.95, 0.99, 1].map((share) => quantile(ms, share).toFixed(1));
  return `p50, p90, p95, p99, most ${at.join(', ')} ms`;
}
