import { ServerAgent } from '../../../lib/agents/server/server-agent.js';
import { endpointOf } from '../network/addresses.js';
import type { Chance } from '../time/chance.js';
import type { ServerPlan } from '../scenarios/scenario.js';
import { Service } from '../workload/service.js';
import { Workers } from '../workload/workers.js';
import { expectTrueServerStats } from '../rules/stats.js';
import { expectCleanExit } from '../rules/exits.js';
import type { Ground, Host } from './host.js';
import { killed } from './killed.js';
import { Process } from './process.js';

/** As many as ask: what a server turns away, `workers` of a scenario do not know. */
const ADMISSION = {
  maxConcurrency: 1_000_000,
  maxConcurrencyPerClient: 1_000_000,
  maxClients: 10_000,
  maxQueue: 0,
  maxQueueWait: 100,
  replayWindow: 0,
  maxMessageSize: 2 ** 24,
};

/** As in `FreelanceTransportServer`, in ms. */
const HEARTBEATS = { interval: 5000, timeout: 15_000 };
const READINESS_INTERVAL_MS = 1000;

interface Life {
  readonly process: Process;
  readonly agent: ServerAgent;
}

/** A host that serves. */
export class ServerHost implements Host {
  readonly endpoint: string;
  /** How many times as long as usual its handlers take. */
  overload = 1;
  /** Since when it says that it can take calls; Infinity while it says that it cannot. */
  readyFrom = 0;
  willResign = false;
  readonly #ground: Ground;
  readonly #chance: Chance;
  readonly #serviceMs: number;
  readonly #workers: number;
  #lives = 0;
  #life: Life | undefined;

  constructor(
    readonly name: string,
    { serviceMs, workers = Infinity }: ServerPlan,
    ground: Ground,
    chance: Chance,
  ) {
    this.endpoint = endpointOf(name);
    this.#serviceMs = serviceMs;
    this.#workers = workers;
    this.#ground = ground;
    this.#chance = chance;
  }

  get process(): Process | undefined {
    return this.#life?.process;
  }

  boot(): void {
    if (this.#life) return;
    const { timeline, observer } = this.#ground;
    const life = `${this.name}#${++this.#lives}`;
    const process = new Process(life, this.name, timeline, this.#chance.fork(), observer);
    process.hear(() => {
      const agent = this.#agent(process);
      this.#life = { process, agent };
      void agent.bind([this.endpoint]);
    });
  }

  kill(): void {
    const process = this.#over();
    if (process) killed(process, this.#ground);
  }

  leave(): void {
    if (this.process?.isPaused) return this.kill();
    const { agent } = this.#life ?? {};
    const process = this.#over();
    if (!process) return;
    process.isLeaving = true;
    process.hear(() => {
      agent?.close();
      expectCleanExit(process, this.#ground);
    });
  }

  inspect(): void {
    if (!this.#life) return;
    const { process, agent } = this.#life;
    expectTrueServerStats(agent.stats(), process, this.#ground);
  }

  #began(process: Process): void {
    if (!this.willResign || this.process !== process) return;
    this.willResign = false;
    this.leave();
  }

  #over(): Process | undefined {
    const process = this.#life?.process;
    this.#life = undefined;
    return process;
  }

  #agent(process: Process): ServerAgent {
    const { network, ledger, verdict } = this.#ground;
    const service = new Service({
      process,
      ledger,
      chance: this.#chance,
      workers: new Workers(this.#workers),
      serviceMs: () => this.#serviceMs * this.overload,
      isReady: () => this.readyFrom < Infinity,
      sentAt: () => network.hearsWhatWasSentAt,
      began: () => this.#began(process),
      nonsense: (what) => verdict.broken('plain words', what),
    });
    return new ServerAgent(
      { serverId: process.name, readinessInterval: READINESS_INTERVAL_MS, ...ADMISSION },
      this.#ground.sockets(process, HEARTBEATS),
      process,
      service,
    );
  }
}
