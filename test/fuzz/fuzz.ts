import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { availableParallelism, loadavg } from 'node:os';
import { inspect, parseArgs } from 'node:util';
import { FreelanceClientProxy } from '../../lib/index.js';
import { serve } from '../support/nest.js';
import type { AttackResult, Plan } from './attack.js';
import { HostileServer, messageToClient } from './attack-client.js';
import { attackHandshakes } from './attack-handshake.js';
import { attackServer, messageToServer } from './attack-server.js';
import { FuzzedController } from './handlers.js';
import { HonestCaller } from './honest.js';
import { fromGuideServer } from './material.js';
import { Target } from './target.js';

const USAGE = `npm run fuzz -- [options]

  --target name   'server', 'client', 'guide' (a client of a server of that dialect), or 'handshake' (between the two,
                  without sockets): all, one after the other, if not told
  --messages n    how many each of them gets, messages or handshakes: 100 000 if not told
  --seed n        1 if not told
  --first n       the number of the first message: 0 if not told
  --show          prints these messages instead of sending them; not of handshakes
`;

/**
 * No event loop may be blocked for longer, in ms. On a busy machine the figure is unreliable: work of the process's other
 * threads may be attributed to the loop.
 */
const LONGEST_STALL_MS = 100;

/** How much larger a heap may be at the end: caches fill, code is compiled. */
const MOST_GROWTH = 24 * 1024 * 1024;

/** After this many messages caches are full, and memory is compared with memory at the end. */
const WARM_UP = 20_000;

const { values: args } = parseArgs({
  options: {
    target: { type: 'string' },
    messages: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    show: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const plan: Plan = {
  seed: Number(args.seed),
  first: Number(args.first),
  messages: Number(args.messages),
};
Logger.overrideLogger(false);

if (args.help) console.log(USAGE);
else if (args.show && args.target !== 'handshake') show();
else {
  const isMeant = (name: string) => args.target === undefined || args.target === name;
  if (isMeant('server')) await fuzzServer();
  if (isMeant('client')) await fuzzClient('client');
  if (isMeant('guide')) await fuzzClient('guide', 'guide');
  if (isMeant('handshake')) fuzzHandshakes();
}

function show(): void {
  const make = {
    server: messageToServer,
    client: messageToClient,
    guide: (seed: number, n: number) => messageToClient(seed, n, fromGuideServer),
  }[args.target ?? 'server'];
  if (!make) throw new Error(USAGE);
  for (let n = plan.first; n < plan.first + plan.messages; n++)
    console.log(n, inspect(make(plan.seed, n).map(String), { maxStringLength: 300 }));
}

async function fuzzServer(): Promise<void> {
  const target = new Target('target-server', []);
  const [endpoint = ''] = await target.endpoints();
  const client = new FreelanceClientProxy({
    endpoints: endpoint,
    heartbeatTimeout: 30_000,
    requestTimeout: 30_000,
    connectTimeout: 30_000,
  });
  const honest = new HonestCaller(client);
  await judged('server', target, honest, (part) => attackServer(endpoint, part));
  client.close();
}

async function fuzzClient(name: string, ...dialect: 'guide'[]): Promise<void> {
  const hostile = new HostileServer(...dialect);
  const honest = await serve([FuzzedController]);
  const endpoints = [await hostile.bind(), honest.endpoints[0] ?? ''];
  const target = new Target('target-client', [...endpoints, ...dialect]);
  await target.endpoints();
  await judged(name, target, undefined, (part) => hostile.attack(part));
  hostile.close();
  await honest[Symbol.asyncDispose]();
}

/** Runs in this process, since nothing else could suffer. */
function fuzzHandshakes(): void {
  const startedAt = performance.now();
  const progress = (sent: number) =>
    sent % 100_000 === 0 && console.error(`handshake: ${sent} handshakes`);
  const warmUp = Math.min(WARM_UP, plan.messages);
  const first = attackHandshakes({ ...plan, messages: warmUp });
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const rest = attackHandshakes({
    ...plan,
    first: plan.first + warmUp,
    messages: plan.messages - warmUp,
    progress,
  });
  globalThis.gc?.();
  const growth = process.memoryUsage().heapUsed - before;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(
    `handshake: ${first.sent + rest.sent} handshakes, ${seconds} s; heap grew by ${mebibytes(growth)}`,
  );
  const ends = new Map(first.ends);
  for (const [end, count] of rest.ends) ends.set(end, (ends.get(end) ?? 0) + count);
  for (const [end, count] of [...ends].toSorted(([, a], [, b]) => b - a))
    console.log(`${count} ${end}`);
  const findings = [...first.findings, ...rest.findings];
  // Without --expose-gc the figure is meaningless.
  if (globalThis.gc && growth > MOST_GROWTH) findings.push(`the heap grew by ${mebibytes(growth)}`);
  for (const finding of findings) console.log(`FOUND: ${finding}`);
  if (findings.length > 0) process.exitCode = 1;
}

async function judged(
  name: string,
  target: Target,
  honest: HonestCaller | undefined,
  attack: (plan: Plan) => Promise<AttackResult>,
): Promise<void> {
  const startedAt = performance.now();
  // Start-up is not caused by the attack.
  await target.report();
  const warmUp = Math.min(WARM_UP, plan.messages);
  const first = await attack({ ...plan, messages: warmUp });
  const before = await target.report();
  const rest = await attack({
    ...plan,
    first: plan.first + warmUp,
    messages: plan.messages - warmUp,
    progress: (sent) => sent % 100_000 === 0 && console.error(`${name}: ${sent} messages`),
  });
  await honest?.stop();
  // Ended connections, and their handlers, still have to be noticed.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const after = await target.report();
  const growth = after.report.heap - before.report.heap;
  const stats = after.stats as { served?: number; failures?: string[]; longest?: number };
  const served = honest?.served ?? stats.served ?? 0;
  const findings = [
    ...first.findings,
    ...rest.findings,
    ...after.report.faults,
    ...(honest?.failures ?? stats.failures ?? []).map(
      (failure) => `an honest call failed: ${failure}`,
    ),
    ...(served === 0 ? ['no honest call was served'] : []),
    ...(growth > MOST_GROWTH ? [`the heap grew by ${mebibytes(growth)}`] : []),
    ...([before, after].some(({ report }) => report.longestStall > LONGEST_STALL_MS)
      ? [
          `the event loop stood still for ${Math.max(before.report.longestStall, after.report.longestStall)} ms`,
        ]
      : []),
    ...((stats.longest ?? 0) > 5000 ? [`a call with a deadline took ${stats.longest} ms`] : []),
  ];
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(
    `${name}: ${first.sent + rest.sent} messages, ${first.connections + rest.connections} connections, ` +
      `${seconds} s; honest calls served: ${served}; heap ${mebibytes(before.report.heap)}, then ` +
      `${mebibytes(after.report.heap)}; rss ${mebibytes(after.report.rss)}; longest stall ` +
      `${after.report.longestStall} ms, longest delay ${after.report.longestDelay} ms; load of the machine ` +
      `${loadavg().map(Math.round).join(' ')} on ${availableParallelism()} processors`,
  );
  console.log(inspect(after.stats, { depth: 5, breakLength: 120 }));
  for (const finding of findings) console.log(`FOUND: ${finding}`);
  if (findings.length > 0) {
    process.exitCode = 1;
    console.log(
      `Again: npm run fuzz -- --target ${name} --seed ${plan.seed} --first … --messages …`,
    );
  }
  target.end();
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
