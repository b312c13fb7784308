import { connectTo } from '../fleet/clients.js';
import { atMost, none } from '../judge/finding.js';
import { most } from '../judge/statistics.js';
import { SteadyLoad } from '../load/load.js';
import { waitsIn } from '../load/waits.js';
import type { Scenario } from './scenario.js';

/** The longest wait that a deployment may cost a call, in ms. */
const WORST_WAIT_MS = 250;

/** One server after another is told to stop, exits, and is started again, as in a deployment. */
export const restarts: Scenario = {
  name: 'restart',
  fault: 'rolling restart of all three by SIGTERM',
  async run({ fleet, isShort, progress }) {
    const rounds = isShort ? 1 : 5;
    using client = await connectTo(fleet.endpoints);
    using load = new SteadyLoad(client);
    using once = new SteadyLoad(client, { idempotent: false });
    const loads = [load, once];
    using recording = once.meter.record();
    for (let round = 1; round <= rounds; round++) {
      for (const host of fleet.hosts) {
        await host.terminate();
        await host.start();
        await Promise.all(loads.map(({ meter }) => meter.answeredBy(host.serverId)));
      }
      progress(`round ${round} of ${rounds}`);
    }
    await Promise.all(loads.map((each) => each.end()));
    const executions = loads.map(({ made }) => fleet.executions(made));
    return [
      none('failed calls', load.meter.failed, load.meter.started),
      none('executed twice', executions[0]?.twice ?? NaN, executions[0]?.executed),
      none('failed calls, idempotent: false', once.meter.failed, once.meter.started),
      none(
        'executed twice, idempotent: false',
        executions[1]?.twice ?? NaN,
        executions[1]?.executed,
      ),
      atMost('worst wait', WORST_WAIT_MS, most(waitsIn(recording)), 'ms'),
    ];
  },
};
