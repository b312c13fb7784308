import { Dealer } from 'zeromq';
import { type AttackResult, BATCH, inTime, type Plan } from './attack.js';
import { Chance } from './chance.js';
import { fromClient, type Message } from './material.js';
import { mutated } from './mutate.js';
import { conversation, say } from './zmtp.js';

/** Concurrent attacking connections. */
const LANES = 4;

/** After this many batches a connection is replaced, and another connection sends raw bytes. */
const BATCHES_PER_CONNECTION = 10;

/** The message with that number, to reproduce it. */
export function messageToServer(seed: number, number: number): Message {
  const chance = new Chance(seed, number);
  return mutated(fromClient(chance), chance);
}

/** Sends what hostile clients might: arbitrary frames over DEALERs, arbitrary bytes over TCP. */
export async function attackServer(endpoint: string, plan: Plan): Promise<AttackResult> {
  const result: AttackResult = { sent: 0, connections: 0, findings: [] };
  // It never reads the answers.
  const deaf = new Attacker(endpoint, { isDeaf: true });
  const batches = Array.from(
    { length: Math.ceil(plan.messages / BATCH) },
    (_, n) => plan.first + n * BATCH,
  ).values();
  const lane = async () => {
    let attacker: Attacker | undefined;
    let count = 0;
    for (const first of batches) {
      if (!attacker || count++ % BATCHES_PER_CONNECTION === 0) {
        attacker?.close();
        attacker = new Attacker(endpoint);
        result.connections += 2;
        await speak(endpoint, plan.seed, first);
      }
      for (let number = first; number < first + BATCH; number++) {
        await attacker.send(messageToServer(plan.seed, number));
      }
      await deaf.send(messageToServer(plan.seed, first));
      await inTime(attacker.pinged(String(first)), `messages ${first} to ${first + BATCH}`);
      result.sent += BATCH;
      plan.progress?.(result.sent);
    }
    attacker?.close();
  };
  const lanes = Array.from({ length: LANES }, lane);
  for (const outcome of await Promise.allSettled(lanes))
    if (outcome.status === 'rejected') result.findings.push(String(outcome.reason));
  deaf.close();
  return result;
}

/** A connection that sends raw bytes. */
async function speak(endpoint: string, seed: number, first: number): Promise<void> {
  const chance = new Chance(seed, first);
  const messages = Array.from({ length: 10 }, (_, n) => messageToServer(seed, first + n));
  await say(Number(endpoint.split(':').at(-1)), conversation(messages, chance), chance);
}

class Attacker {
  readonly #dealer = new Dealer({ linger: 0, sendTimeout: 20_000 });
  #sending = Promise.resolve();
  readonly #pongs = new Map<string, () => void>();

  constructor(endpoint: string, { isDeaf = false } = {}) {
    this.#dealer.connect(endpoint);
    if (!isDeaf) void this.#listen();
  }

  /** One at a time: a zeromq.js socket accepts no second message before the first is sent. */
  send(message: Message): Promise<void> {
    return (this.#sending = this.#sending.then(() => this.#dealer.send(message)));
  }

  /** Resolves once the server has processed everything sent so far. */
  async pinged(id: string): Promise<void> {
    const ponged = new Promise<void>((resolve) => this.#pongs.set(id, resolve));
    await this.send(['', 'PING', `sync ${id}`, 't'].map((text) => Buffer.from(text)));
    await ponged;
  }

  close(): void {
    this.#dealer.close();
  }

  async #listen(): Promise<void> {
    try {
      for await (const [, command, id] of this.#dealer) {
        const sync = /^sync (\d+)$/.exec(String(id))?.[1];
        if (String(command) !== 'PONG' || sync === undefined) continue;
        this.#pongs.get(sync)?.();
        this.#pongs.delete(sync);
      }
    } catch {
      // The socket was closed.
    }
  }
}
