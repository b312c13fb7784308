// Makes the pictures of docs/failover.md from a real run: three server processes, a client in this one, a SIGKILL and a
// SIGSTOP.
//
//   npm run pretest && node scripts/failover-pictures.mjs
//
// Each run draws what happened in it: the pictures differ from run to run. It fails if a call does.

import { Logger } from '@nestjs/common';
import { mkdirSync, writeFileSync } from 'node:fs';
import { subscribe, tracingChannel } from 'node:diagnostics_channel';
import { setTimeout as delay } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { connectTo } from '../test/chaos/dist/chaos/fleet/clients.js';
import { Fleet } from '../test/chaos/dist/chaos/fleet/fleet.js';
import { timelineSvg } from './timeline-svg.mjs';

const FOLDER = 'docs/failover';

/** Until all servers have their full share of the calls, in ms. */
const WARM_UP_MS = 11_000;

/** Records a steady load before and after a fault of the second server, and draws it. */
async function draw(name, picture) {
  const fleet = await Fleet.start();
  try {
    const record = recorded(fleet.endpoints);
    const client = await connectTo(fleet.endpoints);
    const load = new Load(client, picture.handlerMs, picture.perSecond);
    await delay(WARM_UP_MS);
    const begunAt = performance.now();
    const further = await picture.fault(fleet.hosts[1]);
    await delay(Math.max(begunAt + picture.axis.to + 500 - performance.now(), 0));
    const waits = await load.end();
    client.close();
    save(name, picture, { fleet, ...record, begunAt, further, waits });
  } finally {
    await fleet[Symbol.asyncDispose]();
  }
}

function save(name, picture, { fleet, attempts, states, begunAt, further, waits }) {
  const { title, perSecond, handlerMs, axis } = picture;
  const at = (moment) => moment - begunAt;
  const bars = barsOf(attempts, at, axis);
  const moved = bars.filter(({ kind }) => kind === 'further');
  const longest = Math.max(
    ...waits
      .filter(({ from, to }) => at(to) > axis.from && at(from) < axis.to)
      .map(({ from, to }) => to - from),
  );
  const note =
    `One client, default options, ${perSecond} calls/s, each takes its handler ${handlerMs} ms. ` +
    `${moved.length} calls went to a second server; longest wait ${Math.round(longest)} ms; none failed.`;
  const lanes = fleet.hosts.map((host) => ({
    name: host.name,
    states: spans(
      states.filter(({ endpoint }) => endpoint === host.endpoint),
      at,
      axis,
    ),
  }));
  const events = [
    { at: 0, words: title.split(' ')[0] },
    ...further.map((event) => ({ ...event, at: at(event.at) })),
  ];
  writeFileSync(`${FOLDER}/${name}.svg`, timelineSvg({ title, note, lanes, bars, events, axis }));
  console.log(`${FOLDER}/${name}.svg: ${note}`);
  for (const { from, to, reason, moment } of states) {
    if (moment >= begunAt) console.log(`  ${at(moment).toFixed(1)} ms: ${from} → ${to} ${reason}`);
  }
}

/** Everything that the client publishes of attempts and states from now on. */
function recorded(endpoints) {
  const attempts = [];
  const states = [];
  tracingChannel('nestjs-freelance:client:attempt').asyncEnd.subscribe((attempt) => {
    if (endpoints.includes(attempt.endpoint)) {
      attempts.push({ ...attempt, lane: endpoints.indexOf(attempt.endpoint) });
    }
  });
  subscribe('nestjs-freelance:client:server-state', (change) => {
    if (endpoints.includes(change.endpoint)) states.push({ ...change, moment: performance.now() });
  });
  return { attempts, states };
}

/** A bar for each attempt in the picture, with the bar of the attempt before it. */
function barsOf(attempts, at, axis) {
  const latest = new Map();
  const bars = [];
  for (const attempt of attempts.toSorted((one, other) => one.startedAt - other.startedAt)) {
    const { call, lane, startedAt, endedAt, outcome, reason } = attempt;
    const isAnswered = outcome === 'completed';
    const kind = isAnswered ? (reason === 'first' ? 'first' : 'further') : 'failed';
    const bar = { lane, from: at(startedAt), to: at(endedAt), kind, after: latest.get(call) };
    latest.set(call, bar);
    if (bar.to > axis.from && bar.from < axis.to) bars.push(bar);
  }
  return bars;
}

/** While the client took the server for something else than alive. */
function spans(changes, at, axis) {
  return changes
    .map(({ to, moment }, place) => ({
      state: to,
      from: at(moment),
      to: changes[place + 1] ? at(changes[place + 1].moment) : axis.to,
    }))
    .filter(({ state, to }) => (state === 'suspect' || state === 'dead') && to > axis.from);
}

/** Calls at a fixed rate, however long the earlier ones take. */
class Load {
  #waits = [];
  #calls = new Set();
  #timer;

  constructor(client, handlerMs, perSecond) {
    let made = 0;
    const startedAt = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - startedAt) / 1000) * perSecond;
      for (; made < due; made++) this.#call(client, { id: made, ms: handlerMs });
    }, 1);
  }

  #call(client, task) {
    const from = performance.now();
    const call = firstValueFrom(client.send('work', task)).then(() => {
      this.#waits.push({ from, to: performance.now() });
      this.#calls.delete(call);
    });
    this.#calls.add(call);
  }

  /** @throws the error of a call that failed */
  async end() {
    clearInterval(this.#timer);
    await Promise.all(this.#calls);
    return this.#waits;
  }
}

Logger.overrideLogger(['error', 'fatal']);
mkdirSync(FOLDER, { recursive: true });

await draw('kill', {
  title: 'SIGKILL of server-2',
  perSecond: 250,
  handlerMs: 20,
  axis: { from: -50, to: 150, step: 25, unit: 'ms', perUnit: 1 },
  fault: async (victim) => {
    await victim.kill();
    return [];
  },
});

await draw('freeze', {
  title: 'SIGSTOP of server-2 for 5 s',
  perSecond: 12,
  handlerMs: 250,
  axis: { from: -1000, to: 9000, step: 1000, unit: 's', perUnit: 1000 },
  fault: async (victim) => {
    const thaw = await victim.freeze();
    await delay(5000);
    await thaw();
    return [{ at: performance.now(), words: 'SIGCONT' }];
  },
});
