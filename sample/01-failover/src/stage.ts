import { setTimeout as delay } from 'node:timers/promises';
import type { EndpointStats } from 'nestjs-freelance';
import { Child } from './child.js';
import type { FromChild } from './messages.js';
import type { Run } from './run.js';

/** How long the client may take to see what was done to a server, in ms: at most three seconds, and ten times that on a busy machine. */
const SIGHT_MS = 60_000;

/** After this time the calls that had to move are answered and reported, in ms. */
const SETTLE_MS = 400;

/** Starts the processes, and injects the faults. */
export class Stage {
  readonly #run: Run;
  readonly #hasPage: boolean;
  readonly #onDeath: (message: string) => void;
  readonly #children = new Map<string, Child>();

  /** @param hasPage whether the client serves the live page */
  constructor(run: Run, hasPage: boolean, onDeath: (message: string) => void) {
    this.#run = run;
    this.#hasPage = hasPage;
    this.#onDeath = onDeath;
  }

  async open(): Promise<void> {
    const { servers } = this.#run;
    await Promise.all([...servers.keys()].map((name) => this.#startServer(name)));
    const client = this.#hasPage ? 'client-with-page.js' : 'client.js';
    await this.#start('client', client, [...servers.values()]);
    this.#run.start();
    for (const name of servers.keys()) await this.#untilSeen(name, 'alive');
    this.#run.tell(`the client sees ${servers.size} servers up, and calls`, 'good');
  }

  /** The server dies at once, with all the calls that it has. */
  async kill(name: string): Promise<void> {
    const fault = this.#run.broke(name, 'SIGKILL');
    this.#child(name).kill();
    this.#run.did('kill', name, 'killed with SIGKILL', 'bad');
    await this.#untilSeen(name, 'dead');
    await delay(SETTLE_MS);
    this.#run.tellHits(fault);
  }

  async restart(name: string): Promise<void> {
    await this.#startServer(name);
    this.#run.did('start', name, 'started again, on its old port', 'good');
    await this.#untilSeen(name, 'alive');
  }

  /** The server freezes, while its connections stay open. */
  async freeze(name: string): Promise<void> {
    await this.#start(freezerOf(name), 'freezer.js', [String(this.#child(name).pid)]);
    const fault = this.#run.broke(name, 'SIGSTOP');
    this.#run.did('freeze', name, 'frozen with SIGSTOP', 'bad');
    await this.#untilSeen(name, 'dead');
    await delay(SETTLE_MS);
    this.#run.tellHits(fault);
  }

  async thaw(name: string): Promise<void> {
    const gone = this.#child(freezerOf(name)).letGo();
    this.#run.did('thaw', name, 'runs on, by SIGCONT', 'good');
    await gone;
    await this.#untilSeen(name, 'alive');
  }

  /** The client waits for its last answers; then all leave. */
  async close(): Promise<void> {
    const client = this.#child('client');
    const finished = client.says('finished');
    client.tell({ type: 'finish' });
    await finished;
    await Promise.all([...this.#children.values()].map((child) => child.letGo()));
  }

  /** Ends all processes at once, whatever the reason. */
  clear(): void {
    for (const child of this.#children.values()) child.kill();
  }

  async #startServer(name: string): Promise<void> {
    await this.#start(name, 'server.js', [name, this.#run.servers.get(name) ?? '']);
  }

  async #start(name: string, script: string, args: readonly string[]): Promise<void> {
    const child = new Child(name, script, args, {
      heard: (message) => this.#heard(message),
      wrote: (line) => this.#run.tell(`${name} wrote: ${line}`, 'bad'),
      died: (how) => this.#onDeath(`${name} ended unexpectedly: ${how}`),
    });
    this.#children.set(name, child);
    await child.says('ready');
  }

  #heard(message: FromChild): void {
    if (message.type === 'report') this.#run.report(message);
    if (message.type === 'sighting') this.#run.sighting(message);
    if (message.type === 'page') this.#run.page = message.url;
  }

  #child(name: string): Child {
    const child = this.#children.get(name);
    if (!child) throw new Error(`${name} was not started`);
    return child;
  }

  async #untilSeen(name: string, state: EndpointStats['state']): Promise<void> {
    const lastMoment = Date.now() + SIGHT_MS;
    while (this.#run.seen(name)?.state !== state) {
      if (Date.now() > lastMoment) {
        throw new Error(`the client has not seen ${name} ${state} in ${SIGHT_MS} ms`);
      }
      await delay(20);
    }
  }
}

function freezerOf(name: string): string {
  return `freezer of ${name}`;
}
