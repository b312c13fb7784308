import { setTimeout as delay } from 'node:timers/promises';
import { idleness } from '../load/idleness.js';
import type { Load } from '../load/load.js';
import { Tally } from '../load/tally.js';
import { findCell } from '../scenarios/registry.js';
import { SUBJECTS } from '../subjects/registry.js';
import type { Client } from '../subjects/subject.js';
import { answerParent } from './asking.js';
import type { ClientDeeds } from './deeds.js';
import { UsageMeter } from './usage.js';

/** How long an operation may take, in ms. */
const PATIENCE_MS = 25_000;

const POLL_MS = 5;

const meter = new UsageMeter();
const tally = new Tally();
let clients: Client[] = [];
let load: Load = idleness;

answerParent<ClientDeeds>({
  async load({ subject }) {
    await SUBJECTS[subject].load();
  },
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
  async read() {
    await until(() => !tally.isEmpty || load.open === 0);
    return { usage: meter.read(), counts: tally.read() };
  },
  async end() {
    load.stop();
    await until(() => load.open === 0);
    if (load.open > 0) throw new Error(`${load.open} operations never ended`);
    // Throws if anything has failed since the count was read.
    tally.read();
  },
  rest: () => process.memoryUsage.rss(),
});

/** Resolves once the condition holds, or has taken too long. */
async function until(isSo: () => boolean): Promise<void> {
  const latest = performance.now() + PATIENCE_MS;
  while (!isSo() && performance.now() < latest) await delay(POLL_MS);
}
