import type { FreelanceClientProxy } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import type { Task } from '../fleet/messages.js';

/** Pause between two values, in ms. */
const PAUSE_MS = 2;

/** The longest time that a caller stays, in ms. */
const LONGEST_STAY_MS = 50;

/** Both continue until nobody reads them any more. */
const PATTERNS = ['iterable', 'observable'] as const;

/** Opens a stream that never ends, and leaves it at a random time. */
export async function openAndCancel(
  client: FreelanceClientProxy,
  random: () => number,
): Promise<void> {
  const pattern = PATTERNS[Math.floor(random() * PATTERNS.length)] ?? 'iterable';
  const task: Task = { id: 0, ms: PAUSE_MS };
  if (random() < 0.5) await readSome(client, pattern, task, random);
  else await stayForAWhile(client, pattern, task, random);
}

/** Leaves a reading loop. */
async function readSome(
  client: FreelanceClientProxy,
  pattern: string,
  task: Task,
  random: () => number,
): Promise<void> {
  let left = 1 + Math.floor(random() * 5);
  const values = client.iterate<number>(pattern, task);
  while (left-- > 0) await values.next();
  await values.return();
}

/** Leaves by unsubscribing, perhaps before the first value. */
async function stayForAWhile(
  client: FreelanceClientProxy,
  pattern: string,
  task: Task,
  random: () => number,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const subscription = client.send<number>(pattern, task).subscribe({
      error: reject,
      complete: () => reject(new Error('a stream ended by itself')),
    });
    const leave = () => {
      subscription.unsubscribe();
      resolve();
    };
    const ms = Math.floor(random() * LONGEST_STAY_MS);
    if (ms === 0) leave();
    else void delay(ms).then(leave);
  });
}
