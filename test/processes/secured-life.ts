import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Worker, isMainThread } from 'node:worker_threads';
import { Logger } from '@nestjs/common';
import * as esm from 'nestjs-freelance';
import { say } from './talk.js';

/**
 * Servers with CURVE in one process, each from another copy of the library, or in another thread: no ZAP handler may
 * disturb another one, and none may keep the process alive.
 */

Logger.overrideLogger(false);

const commonjs = createRequire(import.meta.url)('nestjs-freelance') as typeof esm;

async function serve(copy: typeof esm) {
  const [own, friend] = [copy.generateCurveKeyPair(), copy.generateCurveKeyPair()];
  const server = new copy.FreelanceTransportServer({
    bind: 'tcp://127.0.0.1:*',
    security: { mechanism: 'curve', ...own, authorizedClients: [friend.publicKey] },
  });
  await new Promise<void>((resolve, reject) => {
    server.listen((error) => (error ? reject(error) : resolve()));
  });
  const client = (pair: esm.CurveKeyPair) =>
    new copy.FreelanceClientProxy({
      endpoints: server.endpoints,
      security: { mechanism: 'curve', ...pair, serverKey: own.publicKey },
    });
  return { server, friend: client(friend), stranger: client(copy.generateCurveKeyPair()) };
}

async function live(name: string, copy: typeof esm) {
  const { server, friend, stranger } = await serve(copy);
  await friend.connect();
  const refused = await stranger.connect().catch((error: esm.FreelanceError) => error.code);
  return {
    told: { copy: name, friend: true, stranger: refused },
    close: async () => {
      friend.close();
      stranger.close();
      await server.close();
    },
  };
}

if (!isMainThread) {
  const thread = await live('thread', esm);
  say(thread.told);
  await thread.close();
} else if (process.argv[2] === 'leaves') {
  say((await live('esm', esm)).told);
  process.exit(0);
} else {
  const lives = [await live('esm', esm), await live('commonjs', commonjs)];
  for (const { told } of lives) say(told);
  const worker = new Worker(new URL(import.meta.url));
  await new Promise((resolve) => worker.once('exit', resolve));
  for (const { close } of lives) await close();
}
