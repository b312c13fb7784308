// Compares the speed of two builds of this library, side by side in one run, so that whatever else the machine does meets both.
//
//   node scripts/ab.mjs <folder A> <folder B> [--rounds 40] [--slice 300] [--in-flight 1,16,128,1024] [--with subscriber|hooks]
//
// Each folder is a checkout with a build (`npm run build`). One client process loads both; each has a server process of its own.
// In each round both are measured for one slice (in ms), one after the other, and the order alternates. The result is the mean of
// the ratios B / A with its 95 % interval. `--with` watches the calls of B, with a subscriber of every channel or with both hooks;
// with the same folder twice, it tells what watching costs.

import { fork } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { resolve } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const self = fileURLToPath(import.meta.url);
const load = (folder) => import(pathToFileURL(resolve(folder, 'dist/esm/index.js')).href);

const TRACED = ['client:call', 'client:attempt', 'server:call'].flatMap((name) =>
  ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map(
    (event) => `tracing:nestjs-freelance:${name}:${event}`,
  ),
);

const ignored = () => {};

const plain = (_call, next) => next();

/** Watches calls in this process. Returns the way to stop. */
const WATCHING = {
  subscriber() {
    for (const name of TRACED) channel(name).subscribe(ignored);
    return () => {
      for (const name of TRACED) channel(name).unsubscribe(ignored);
    };
  },
  hooks({ instrument }) {
    return instrument({ aroundClientCall: plain, aroundServerCall: plain });
  },
};

async function serve(folder, watching) {
  const library = await load(folder);
  if (watching) WATCHING[watching](library);
  const server = new library.FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  server.addHandler('echo', (data) => Promise.resolve(data));
  server.listen((error) => process.send({ error: error?.message, endpoint: server.endpoints[0] }));
  process.on('message', () => process.send({ cpu: cpuOf(process.cpuUsage()) }));
  process.on('disconnect', () => process.exit());
}

async function compare() {
  const { folders, rounds, sliceMs, inFlight, watching } = readArguments();
  const sides = [await open(folders[0]), await open(folders[1], watching)];
  const title = watching ? `, B with ${watching}` : '';
  console.log(
    `A: ${folders[0]}\nB: ${folders[1]}${title}\n${rounds} rounds of ${sliceMs} ms; B / A\n`,
  );
  for (const calls of inFlight) {
    const warmUpMs = 5 * sliceMs;
    for (const side of sides) await measured(side, calls, warmUpMs);
    const ratios = { speed: [], cpu: [] };
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? [0, 1] : [1, 0];
      const found = [];
      for (const at of order) found[at] = await measured(sides[at], calls, sliceMs);
      ratios.speed.push(Math.log(found[1].perMs / found[0].perMs));
      ratios.cpu.push(Math.log(found[1].cpuPerCall / found[0].cpuPerCall));
    }
    console.log(
      `${String(calls).padStart(5)} in flight: calls/s ${interval(ratios.speed)}, CPU per call ${interval(ratios.cpu)}`,
    );
  }
  for (const { client, server } of sides) {
    client.close();
    server.disconnect();
  }
}

function readArguments() {
  const { values, positionals: folders } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '40' },
      slice: { type: 'string', default: '300' },
      'in-flight': { type: 'string', default: '1,16,128,1024' },
      with: { type: 'string' },
    },
  });
  if (folders.length !== 2) throw new Error('Give the folders of two builds.');
  if (values.with !== undefined && !Object.hasOwn(WATCHING, values.with))
    throw new Error(`--with takes ${Object.keys(WATCHING).join(' or ')}.`);
  return {
    folders,
    rounds: Number(values.rounds),
    sliceMs: Number(values.slice),
    inFlight: values['in-flight'].split(',').map(Number),
    watching: values.with,
  };
}

async function open(folder, watching) {
  const server = fork(self, watching ? [folder, watching] : [folder]);
  const { error, endpoint } = await answerOf(server);
  if (error) throw new Error(error);
  const library = await load(folder);
  const client = new library.FreelanceClientProxy({ endpoints: [endpoint] });
  await client.connect();
  const watch = watching ? () => WATCHING[watching](library) : () => () => {};
  return { server, client, watch };
}

function answerOf(server) {
  return new Promise((answered) => server.once('message', answered));
}

async function cpuOfServer(server) {
  server.send('cpu');
  return (await answerOf(server)).cpu;
}

/** Channels and hooks are those of the process, so B is watched only while it is measured. */
async function measured({ server, client, watch }, calls, ms) {
  const unwatch = watch();
  const before = await cpuOfServer(server);
  const own = process.cpuUsage();
  const { done, perMs } = await run(client, calls, ms);
  const cpu = cpuOf(process.cpuUsage(own)) + (await cpuOfServer(server)) - before;
  unwatch();
  return { perMs, cpuPerCall: cpu / done };
}

const cpuOf = ({ user, system }) => user + system;

const DATA = {
  id: 1,
  name: 'a name of some length',
  tags: ['a', 'b', 'c'],
  at: { x: 1.5, y: [1, 2] },
};

/** Keeps so many calls in flight for that long. */
function run(client, calls, ms) {
  return new Promise((ended, failed) => {
    const startedAt = performance.now();
    let done = 0;
    let unanswered = 0;
    const one = () => {
      unanswered++;
      client.send('echo', DATA).subscribe({ error: failed, complete: answered });
    };
    const answered = () => {
      done++;
      unanswered--;
      const passed = performance.now() - startedAt;
      if (passed < ms) one();
      else if (unanswered === 0) ended({ done, perMs: done / passed });
    };
    for (let n = 0; n < calls; n++) one();
  });
}

/** Mean and 95 % interval of ratios, given as logarithms. */
function interval(logs) {
  const { length } = logs;
  const mean = logs.reduce((sum, log) => sum + log, 0) / length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (length - 1);
  const half = student(length - 1) * Math.sqrt(variance / length);
  const [middle, low, high] = [mean, mean - half, mean + half].map((log) =>
    Math.exp(log).toFixed(3),
  );
  return `${middle} (${low} to ${high})`;
}

/** The 97.5 % quantile of Student's t. Source: Abramowitz and Stegun, 26.7.5, to 1/df². */
function student(df) {
  return 1.96 + 2.372 / df + 2.823 / df ** 2;
}

if (process.send) await serve(...process.argv.slice(2));
else await compare();
