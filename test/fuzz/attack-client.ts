import { Router } from 'zeromq';
import { type AttackResult, BATCH, inTime, type Plan } from './attack.js';
import { Chance } from './chance.js';
import { fromGuideServer, fromServer, type Message } from './material.js';
import { mutated } from './mutate.js';

/** How far from the latest known id a forger guesses. */
const NEARBY = 20;

export function messageToClient(seed: number, number: number, make = fromServer): Message {
  const chance = new Chance(seed, number);
  return mutated(make(chance), chance);
}

/** A server that answers most PINGs, so that it gets calls, and sends arbitrary messages. */
export class HostileServer {
  readonly #router = new Router({ mandatory: true, sendTimeout: 0, linger: 0 });
  #peer: Buffer | undefined;
  #latestId = 0;
  #heard = () => {};
  connections = 0;
  readonly #make: (chance: Chance) => Message;
  /** Which frame of a reply has its id. */
  readonly #idAt: number;

  /** @param dialect `guide` if the client takes it for a server of that dialect */
  constructor(dialect?: 'guide') {
    this.#make = dialect ? fromGuideServer : fromServer;
    this.#idAt = dialect ? 0 : 2;
  }

  async bind(): Promise<string> {
    await this.#router.bind('tcp://127.0.0.1:*');
    void this.#listen();
    return this.#router.lastEndpoint ?? '';
  }

  async attack(plan: Plan): Promise<AttackResult> {
    const result: AttackResult = { sent: 0, connections: 0, findings: [] };
    try {
      for (let first = plan.first; first < plan.first + plan.messages; first += BATCH) {
        await inTime(this.#untilHeard(), `messages ${first} to ${first + BATCH}`);
        for (let number = first; number < first + BATCH; number++)
          await this.#say(
            messageToClient(plan.seed, number, this.#make),
            new Chance(plan.seed, -number),
          );
        result.sent += BATCH;
        plan.progress?.(result.sent);
      }
    } catch (error) {
      result.findings.push(String(error));
    }
    result.connections = this.connections;
    return result;
  }

  close(): void {
    this.#router.close();
  }

  #untilHeard(): Promise<void> {
    return new Promise((resolve) => (this.#heard = resolve));
  }

  async #say(message: Message, chance: Chance): Promise<void> {
    if (!this.#peer) return;
    // Half of the replies are for calls that may exist, at this server or at another.
    const guess = Buffer.from(String(this.#latestId + chance.below(NEARBY) - NEARBY / 2));
    const hasId = message.length > Math.max(this.#idAt, 1);
    const frames = hasId && chance.below(2) === 0 ? message.with(this.#idAt, guess) : message;
    await this.#router.send([this.#peer, ...frames]).catch(() => (this.#peer = undefined));
  }

  async #listen(): Promise<void> {
    try {
      for await (const [peer, first, command, id, ...rest] of this.#router) {
        if (!peer) continue;
        if (!this.#peer?.equals(peer)) this.connections++;
        this.#peer = peer;
        if (String(first) === 'PING') await this.#router.send([peer, 'PONG']).catch(() => {});
        else if (Number(String(first)) > 0) this.#latestId = Number(String(first));
        else if (String(command) === 'PING') await this.#pong(peer, id ?? '', rest[0] ?? '');
        else if (Number(String(id)) > 0) this.#latestId = Number(String(id));
        else if (rest.length === 0 && id) this.#latestId = latestIdOf(id) ?? this.#latestId;
        this.#heard();
      }
    } catch {
      // The socket was closed.
    }
  }

  async #pong(peer: Buffer, id: Buffer | string, time: Buffer | string): Promise<void> {
    const capabilities = ['event', 'stream', 'cancel', 'drain', 'pack'];
    const pong = ['PONG', id, time, JSON.stringify({ id: 'hostile', capabilities })];
    await this.#router.send([peer, '', ...pong]).catch(() => {});
  }
}

/** The id of the last message in a pack. */
function latestIdOf(block: Buffer): number | undefined {
  try {
    const ids = (JSON.parse(block.toString()) as unknown[][]).map(([, id]) => Number(id));
    return ids.findLast((id) => id > 0);
  } catch {
    return undefined;
  }
}
