import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from './load.js';

/**
 * Makes calls at a fixed rate, whatever becomes of them (an open loop), like many independent callers.
 * Resolves once the last call has ended.
 */
export async function callAtRate(load: Load, perSecond: number, ms: number): Promise<void> {
  const startedAt = performance.now();
  const calls: Promise<unknown>[] = [];
  const total = Math.round((perSecond * ms) / 1000);
  while (calls.length < total) {
    const due = Math.min(((performance.now() - startedAt) / 1000) * perSecond, total);
    while (calls.length < due) calls.push(load.call());
    await delay(1);
  }
  await Promise.all(calls);
}
