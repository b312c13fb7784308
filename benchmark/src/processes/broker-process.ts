import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { BROKER_ENV, BROKERS } from '../brokers/registry.js';
import { answerParent } from './asking.js';
import type { BrokerDeeds } from './deeds.js';
import { LastWords } from './last-words.js';
import { freeAddress } from './free-address.js';

/**
 * Stands between the benchmark and a broker, which knows nothing of parents: this process ends with
 * its parent, however that ends, and the broker with this one.
 */
const PATIENCE_MS = 10_000;
const POLL_MS = 20;

answerParent<BrokerDeeds>({
  async start({ broker }) {
    const { command, argsFor } = BROKERS[broker];
    const address = await freeAddress();
    const [host = '', port = ''] = address.split(':');
    const child = spawn(command, argsFor(port), { cwd: tmpdir(), env: BROKER_ENV });
    const lastWords = new LastWords(child);
    process.once('exit', () => child.kill('SIGKILL'));
    child.once('error', (error) => leave(error.message));
    child.once('close', (code, signal) => leave(`${signal ?? code}: ${lastWords.text}`));
    await listens(host, Number(port));
    return address;
  },
});

function leave(why: string): void {
  console.error(why);
  process.exit(1);
}

async function listens(host: string, port: number): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await accepts(host, port))) {
    if (performance.now() > until) throw new Error(`it does not listen after ${PATIENCE_MS} ms`);
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
