import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from '../load/load.js';
import { Tally } from '../load/tally.js';
import { findCell } from '../scenarios/registry.js';
import { SUBJECTS } from '../subjects/registry.js';
import type { Client } from '../subjects/subject.js';
import { answerParent } from './asking.js';
import type { ClientDeeds } from './deeds.js';
import { UsageMeter } from './usage.js';

/** How long open operations may take to end, in ms. */
const PATIENCE_MS = 10_000;

const POLL_MS = 5;

const meter = new UsageMeter();
const tally = new Tally();
let clients: Client[] = [];
let load: Load = { open: 0, stop() {} };

answerParent<ClientDeeds>({
  async connect({ subject: name, servers, clients: count }) {
    const subject = await SUBJECTS[name].load();
    clients = await Promise.all(Array.from({ length: count }, () => subject.connect(servers)));
  },
  begin({ scenario, cell }) {
    load = findCell(scenario, cell).load(clients, tally);
  },
  mark() {
    tally.mark();
    meter.mark();
  },
  read: () => ({ usage: meter.read(), counts: tally.read() }),
  async end() {
    await ended(load);
    // Throws what has failed since the count was read.
    tally.read();
  },
  rest: () => process.memoryUsage.rss(),
});

async function ended(running: Load): Promise<void> {
  running.stop();
  const until = performance.now() + PATIENCE_MS;
  while (running.open > 0) {
    if (performance.now() > until) throw new Error(`${running.open} operations had no end`);
    await delay(POLL_MS);
  }
}
