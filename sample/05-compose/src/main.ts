import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { NameServer } from './name-server.js';

/** Without Docker, containers are processes, each at an address of its own of this machine, which Linux has by default. */
const addressOf = (n: number) => `127.0.0.${10 + n}`;

const names = new NameServer();
const children = new Set<ChildProcess>();

async function main(): Promise<void> {
  const nameServer = await names.listen();
  const { port } = await orders(1, '*');
  names.addresses = [addressOf(1)];
  const shop = start('shop.js', { NAME_SERVER: nameServer, PORT: port });
  const lines = createInterface({ input: shop.stdout ?? process.stdin })[Symbol.asyncIterator]();
  /** Resolves with the first line of that form. */
  const says = async (form: RegExp) => {
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      if (!form.test(line.value)) continue;
      console.log(`  ${line.value}`);
      return;
    }
    throw new Error('the shop has ended');
  };

  console.log('--scale orders=1');
  await says(/^orders-1 \d+;/);
  console.log('--scale orders=3');
  const [, third] = await Promise.all([orders(2, port), orders(3, port)]);
  names.addresses = [1, 2, 3].map(addressOf);
  await says(/^orders-1 \d+, orders-2 \d+, orders-3 \d+;/);
  console.log('--scale orders=2');
  third.process.kill('SIGTERM');
  names.addresses = [1, 2].map(addressOf);
  await says(/^orders-1 \d+, orders-2 \d+;/);
}

async function orders(n: number, port: string) {
  const server = start('orders.js', {
    NAME: `orders-${n}`,
    BIND: `tcp://${addressOf(n)}:${port}`,
  });
  const [[endpoint]] = (await once(server, 'message')) as [[string]];
  return { process: server, port: new URL(endpoint).port };
}

function start(script: string, env: Readonly<Record<string, string>>): ChildProcess {
  const child = fork(new URL(script, import.meta.url), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  });
  children.add(child);
  return child;
}

function end(): void {
  for (const child of children) child.kill('SIGKILL');
  names.close();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    end();
    process.exitCode = 1;
  });
}

try {
  await main();
} finally {
  end();
}
