import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../fleet/host.js';

/** A fault of a server, for this many ms. Resolves once it is over and the server runs. */
export type ProcessFault = (host: Host, ms: number) => Promise<void>;

/** The server is killed with all its calls, and started again. */
export const kill: ProcessFault = async (host, ms) => {
  await host.kill();
  await delay(ms);
  await host.start();
};

/** The server is told to stop, leaves, and is started again. */
export const restart: ProcessFault = async (host) => {
  await host.terminate();
  await host.start();
};

/** The server is frozen. Its connections stay open, and the kernel accepts what is sent to it. */
export const freeze: ProcessFault = async (host, ms) => {
  const thaw = await host.freeze();
  await delay(ms);
  await thaw();
};

/** The server's event loop is blocked. ZeroMQ's thread still answers ZMTP heartbeats, but nobody answers PINGs. */
export const block: ProcessFault = (host, ms) => host.block(ms);
