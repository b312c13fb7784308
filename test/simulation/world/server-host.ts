import { ServerAgent } from '../../../lib/agents/server/server-agent.js';
import {
  type ResolvedServerOptions,
  resolveServerOptions,
} from '../../../lib/nest/options/server-options.js';
import { AtMostOncePatterns, NAMED_IN_HELLO } from '../../../lib/protocol/at-most-once.js';
import type { SocketPort } from '../../../lib/sockets/socket-port.js';
import { endpointOf } from '../network/addresses.js';
import type { Chance } from '../time/chance.js';
import type { ServerPlan } from '../scenarios/scenario.js';
import { PATTERN } from '../workload/ask.js';
import { Service } from '../workload/service.js';
import { Workers } from '../workload/workers.js';
import { expectTrueServerStats } from '../rules/stats.js';
import { expectCleanExit } from '../rules/exits.js';
import type { Ground, Host } from './host.js';
import { killed } from './killed.js';
import { Process } from './process.js';

/** As in `FreelanceTransportServer`, in ms. */
const HEARTBEATS = { interval: 5000, timeout: 15_000 };
const READINESS_INTERVAL_MS = 1000;

interface Life {
  readonly process: Process;
  readonly agent: ServerAgent;
  isDraining: boolean;
}

/** How much longer than its time-out a server may take to leave, in ms. */
const SLACK_MS = 50;

/** How soon after closing its last socket a process exits, in ms. */
const LONGEST_EXIT_MS = 2;

/** A host with a server. */
export class ServerHost implements Host {
  readonly endpoint: string;
  /** The factor by which its handlers are slower than usual. */
  overload = 1;
  /** Whether all its handlers fail, immediately. */
  isBroken = false;
  willResign = false;
  readonly #ground: Ground;
  readonly #chance: Chance;
  readonly #serviceMs: number;
  readonly #workers: number;
  readonly #options: ResolvedServerOptions['agent'];
  readonly #atMostOnce = new AtMostOncePatterns(NAMED_IN_HELLO);
  /** Whether its handler must not run twice for one call, named or not. */
  readonly #runsOnce: boolean;
  #readyFrom = 0;
  #lives = 0;
  #life: Life | undefined;

  constructor(
    readonly name: string,
    { serviceMs, workers = Infinity, admission, onceAt = [], isOnceUnnamed = false }: ServerPlan,
    ground: Ground,
    chance: Chance,
  ) {
    this.endpoint = endpointOf(name);
    this.#serviceMs = serviceMs;
    this.#workers = workers;
    this.#options = resolveServerOptions({ ...admission, bind: this.endpoint }).agent;
    const isOnce = onceAt.includes(name);
    if (isOnce && !isOnceUnnamed) this.#atMostOnce.add(PATTERN);
    this.#runsOnce = isOnce;
    this.#ground = ground;
    this.#chance = chance;
  }

  get process(): Process | undefined {
    return this.#life?.process;
  }

  /** Since when it takes calls; Infinity while it reports that it does not. */
  get readyFrom(): number {
    return this.isDraining ? Infinity : this.#readyFrom;
  }

  set readyFrom(moment: number) {
    this.#readyFrom = moment;
  }

  get isDraining(): boolean {
    return this.#life?.isDraining ?? false;
  }

  boot(): void {
    if (this.#life) return;
    const { timeline, observer } = this.#ground;
    const life = `${this.name}#${++this.#lives}`;
    const process = new Process(life, this.name, timeline, this.#chance.fork(), observer);
    process.hear(() => {
      const agent = this.#agent(process);
      this.#life = { process, agent, isDraining: false };
      void agent.bind([this.endpoint]);
    });
  }

  kill(): void {
    const process = this.#over();
    if (process) killed(process, this.#ground);
  }

  leave(): void {
    if (this.process?.isPaused) return this.kill();
    const life = this.#life;
    this.#over();
    if (life) life.process.hear(() => this.#close(life));
  }

  #close({ process, agent }: Life): void {
    process.isLeaving = true;
    agent.close();
    expectCleanExit(process, this.#ground);
  }

  drain(timeoutMs: number): void {
    const life = this.#life;
    if (!life || life.isDraining) return;
    const { timeline, verdict } = this.#ground;
    const { process, agent } = life;
    const { now } = timeline;
    life.isDraining = true;
    process.hear(() => agent.drain(timeoutMs));
    timeline.in(timeoutMs + SLACK_MS, () => {
      if (this.#life !== life || process.wasPausedSince(now)) return;
      const ms = timeoutMs.toFixed(0);
      verdict.broken('leaves', `${process.name} was to leave within ${ms} ms, and is still there`);
    });
  }

  inspect(): void {
    if (!this.#life) return;
    const { process, agent } = this.#life;
    expectTrueServerStats(agent.stats(), process, this.#options, this.#ground);
  }

  #began(process: Process): void {
    const life = this.#life;
    if (!this.willResign || life?.process !== process) return;
    this.willResign = false;
    this.#over();
    this.#close(life);
  }

  /** It has drained, and exits: unwritten messages are lost. */
  #left(process: Process): void {
    if (this.process !== process) return;
    this.#over();
    process.isLeaving = true;
    expectCleanExit(process, this.#ground);
    this.#ground.timeline.in(this.#chance.between(0, LONGEST_EXIT_MS), () => {
      killed(process, this.#ground);
    });
  }

  #over(): Process | undefined {
    const process = this.#life?.process;
    this.#life = undefined;
    return process;
  }

  #agent(process: Process): ServerAgent {
    const { network, ledger, verdict } = this.#ground;
    let wasFull = false;
    const service = new Service({
      process,
      ledger,
      chance: this.#chance,
      workers: new Workers(this.#workers),
      serviceMs: () => this.#serviceMs * this.overload,
      isBroken: () => this.isBroken,
      isReady: () => this.#readyFrom < Infinity,
      // A call that begins now may have waited until the current message made room for it.
      sentAt: () => (wasFull ? undefined : network.hearsWhatWasSentAt),
      left: () => this.#left(process),
      began: () => this.#began(process),
      nonsense: (what) => verdict.broken('understood', what),
    });
    const sockets = this.#ground.sockets(process, HEARTBEATS);
    const agent = new ServerAgent(
      {
        ...this.#options,
        serverId: process.name,
        readinessInterval: READINESS_INTERVAL_MS,
        atMostOnce: this.#atMostOnce,
        isAtMostOnce: () => this.#runsOnce,
      },
      this.#options.maxConcurrency >= UNUSUAL
        ? sockets
        : listening(sockets, () => (wasFull = agent.figures().queued > 0)),
      process,
      service,
    );
    return agent;
  }
}

/** With fewer places than this, all may be taken. */
const UNUSUAL = 1000;

/** The same sockets, which call `before` ahead of each message that the server receives. */
function listening(sockets: SocketPort, before: () => void): SocketPort {
  return {
    connect: (endpoint, listener) => sockets.connect(endpoint, listener),
    bind: (addresses, listener) =>
      sockets.bind(addresses, {
        ...listener,
        onMessage: (peer, frames) => {
          before();
          listener.onMessage(peer, frames);
        },
      }),
  };
}
