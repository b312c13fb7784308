import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { BROKER_ENV, BROKERS } from '../brokers/registry.js';
import { answerParent } from './asking.js';
import type { BrokerDeeds } from './deeds.js';
import { freeAddress } from './free-address.js';
import { LastWords } from './last-words.js';

/**
 * Stands between the benchmark and a broker, which knows nothing of parent processes: the broker ends with this process,
 * and this process with its parent, however that ends.
 */
const PATIENCE_MS = 10_000;
const POLL_MS = 20;

let broker: ChildProcess | undefined;
let isLeaving = false;

answerParent<BrokerDeeds>(
  {
    async start({ broker: name }) {
      const { command, argsFor } = BROKERS[name];
      const address = await freeAddress();
      const [host = '', port = ''] = address.split(':');
      const child = spawn(command, argsFor(port), { cwd: tmpdir(), env: BROKER_ENV });
      const lastWords = new LastWords(child);
      child.once('error', (error) => ended(error.message));
      child.once('close', (code, signal) => ended(`${signal ?? code}: ${lastWords.text}`));
      broker = child;
      await listens(host, Number(port));
      return address;
    },
  },
  () => {
    isLeaving = true;
    if (!broker?.kill('SIGKILL')) process.exit();
  },
);

function ended(why: string): void {
  if (isLeaving) process.exit();
  console.error(why);
  process.exit(1);
}

async function listens(host: string, port: number): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await accepts(host, port))) {
    if (performance.now() > until) throw new Error(`it did not listen within ${PATIENCE_MS} ms`);
    await delay(POLL_MS);
  }
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
