import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../fleet/host.js';

/** Something bad that happens to a server, for so many ms. Resolves once that is over, and the server runs. */
export type ProcessFault = (host: Host, ms: number) => Promise<void>;

/** It dies at once, with all the calls that it has, and is started again. */
export const kill: ProcessFault = async (host, ms) => {
  await host.kill();
  await delay(ms);
  await host.start();
};

/** It is told to stop, leaves, and is started again. */
export const restart: ProcessFault = async (host) => {
  await host.terminate();
  await host.start();
};

/** It stands still. Its connections stay open, and the kernel accepts what is sent to it. */
export const freeze: ProcessFault = async (host, ms) => {
  const thaw = await host.freeze();
  await delay(ms);
  await thaw();
};

/** Its event loop is busy. ZeroMQ's thread goes on, and answers ZMTP heartbeats; PINGs are not answered. */
export const block: ProcessFault = (host, ms) => host.block(ms);
