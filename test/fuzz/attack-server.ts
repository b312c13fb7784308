import { Dealer } from 'zeromq';
import { type AttackResult, BATCH, inTime, type Plan } from './attack.js';
import { Chance } from './chance.js';
import { fromClient, type Message } from './material.js';
import { mutated } from './mutate.js';
import { conversation, say } from './zmtp.js';

const DEALERS = 4;

/** In so many batches one connection is replaced by a new one, and one speaks bytes of its own. */
const BATCHES_PER_CONNECTION = 10;

/** The message of that number: for whoever wants to see one again. */
export function messageToServer(seed: number, number: number): Message {
  const chance = new Chance(seed, number);
  return mutated(fromClient(chance), chance);
}

/** Sends what hostile clients might: over DEALERs any frames, over TCP any bytes. */
export async function attackServer(endpoint: string, plan: Plan): Promise<AttackResult> {
  const result: AttackResult = { sent: 0, connections: 0, findings: [] };
  const open = () => {
    result.connections++;
    return new Attacker(endpoint);
  };
  const attackers = Array.from({ length: DEALERS }, open);
  // One more never reads what it is answered.
  const deaf = new Attacker(endpoint, { isDeaf: true });
  const port = Number(endpoint.split(':').at(-1));
  try {
    for (let batch = 0; batch * BATCH < plan.messages; batch++) {
      const first = plan.first + batch * BATCH;
      const attacker = attackers[batch % DEALERS] ?? deaf;
      for (let number = first; number < first + BATCH; number++) {
        await attacker.send(messageToServer(plan.seed, number));
        if (number % DEALERS === 0) await deaf.send(messageToServer(plan.seed, number));
      }
      result.sent += BATCH;
      await inTime(attacker.pinged(String(first)), `messages ${first} to ${first + BATCH}`);
      if (batch % BATCHES_PER_CONNECTION === 0) {
        attackers[batch % DEALERS]?.close();
        attackers[batch % DEALERS] = open();
        const chance = new Chance(plan.seed, first);
        const messages = Array.from({ length: 10 }, (_, n) =>
          messageToServer(plan.seed, first + n),
        );
        result.connections++;
        await say(port, conversation(messages, chance), chance);
      }
      plan.progress?.(result.sent);
    }
  } catch (error) {
    result.findings.push(String(error));
  }
  for (const attacker of [...attackers, deaf]) attacker.close();
  return result;
}

class Attacker {
  readonly #dealer = new Dealer({ linger: 0, sendTimeout: 20_000 });
  readonly #pongs = new Map<string, () => void>();

  constructor(endpoint: string, { isDeaf = false } = {}) {
    this.#dealer.connect(endpoint);
    if (!isDeaf) void this.#listen();
  }

  async send(message: Message): Promise<void> {
    await this.#dealer.send(message);
  }

  /** Resolves once the server has come to what was sent until now. */
  async pinged(id: string): Promise<void> {
    const ponged = new Promise<void>((resolve) => this.#pongs.set(id, resolve));
    await this.#dealer.send(['', 'PING', `sync ${id}`, 't']);
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
      // It was closed.
    }
  }
}
