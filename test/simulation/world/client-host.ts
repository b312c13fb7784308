import { ClientAgent, type StateChange } from '../../../lib/agents/client/client-agent.js';
import type { ResolvedClientOptions } from '../../../lib/nest/options/client-options.js';
import { hostOf } from '../network/network.js';
import type { Chance } from '../time/chance.js';
import type { Workload } from '../workload/ask.js';
import { Caller } from '../workload/caller.js';
import { expectCleanExit } from '../rules/exits.js';
import type { Ground, Host } from './host.js';
import { Process } from './process.js';

interface Life {
  readonly process: Process;
  readonly agent: ClientAgent;
  readonly caller: Caller;
}

/** What a client may be told of messages that nobody waits for any more. */
const HARMLESS = new Set(['REPLY to no call', 'ACK to no event']);

/** A host that calls. */
export class ClientHost implements Host {
  readonly #options: ResolvedClientOptions;
  readonly #workload: Workload;
  readonly #ground: Ground;
  readonly #chance: Chance;
  #lives = 0;
  #life: Life | undefined;

  constructor(
    readonly name: string,
    options: ResolvedClientOptions,
    workload: Workload,
    ground: Ground,
    chance: Chance,
  ) {
    this.#options = options;
    this.#workload = workload;
    this.#ground = ground;
    this.#chance = chance;
  }

  get process(): Process | undefined {
    return this.#life?.process;
  }

  get caller(): Caller | undefined {
    return this.#life?.caller;
  }

  boot(): void {
    if (this.#life) return;
    const { timeline, ledger, observer } = this.#ground;
    const life = `${this.name}#${++this.#lives}`;
    const process = new Process(life, this.name, timeline, this.#chance.fork(), observer);
    process.hear(() => {
      const agent = this.#agent(process);
      const caller = new Caller(agent, this.#workload, {
        process,
        ledger,
        chance: this.#chance,
        patience: this.#options.agent.connectTimeout,
      });
      this.#life = { process, agent, caller };
      caller.start();
    });
  }

  kill(): void {
    const { network, ledger } = this.#ground;
    const { process } = this.#over() ?? {};
    if (!process) return;
    process.kill();
    network.died(process);
    ledger.died(process);
  }

  leave(): void {
    // What does not react is killed in the end.
    if (this.process?.isPaused) return this.kill();
    const life = this.#over();
    if (!life) return;
    const { process, caller, agent } = life;
    process.isLeaving = true;
    process.hear(() => {
      caller.stop();
      agent.close();
      expectCleanExit(process, this.#ground);
    });
  }

  inspect(): void {
    if (!this.#life) return;
    const { process, agent } = this.#life;
    const { ledger, verdict } = this.#ground;
    const { pending } = agent.stats();
    const open = ledger.openOf(process).size;
    if (pending !== open) {
      verdict.broken('stats', `${process.name} says that ${pending} calls are open: ${open} are`);
    }
    const { maxPending } = this.#options.agent;
    if (open > maxPending) {
      verdict.broken('bounds', `${process.name} has ${open} calls open of at most ${maxPending}`);
    }
  }

  #over(): Life | undefined {
    const life = this.#life;
    this.#life = undefined;
    return life;
  }

  #agent(process: Process): ClientAgent {
    const { agent, balancer } = this.#options;
    const { interval, timeout } = agent.heartbeat;
    const { trace, verdict } = this.#ground;
    return new ClientAgent(
      { ...agent, clientId: process.name, balancer: balancer() },
      this.#ground.sockets(process, { interval, timeout }),
      process,
      {
        stateChanged: (endpoint, change) => this.#stateChanged(process, endpoint, change),
        usableChanged: (isUsable) => {
          if (trace.isOn) trace.say(process.name, isUsable ? 'can call' : 'can call nobody');
        },
        dropped: (reason, endpoint) => {
          if (HARMLESS.has(reason)) return;
          verdict.broken(
            reason === 'PONG to no PING' ? 'no stale news' : 'plain words',
            `${process.name} dropped a message of ${endpoint}: ${reason}`,
          );
        },
      },
    );
  }

  #stateChanged(process: Process, endpoint: string, { from, to, reason }: StateChange): void {
    const { trace, network, verdict } = this.#ground;
    if (trace.isOn) trace.say(process.name, `${endpoint} ${from} → ${to} ${reason}`);
    const isLoss = to === 'dead' && reason.startsWith('the connection');
    if (isLoss && !network.hasLost(process, hostOf(endpoint))) {
      const what = `${process.name} took ${endpoint} for dead: ${reason}, but the latest one was not`;
      verdict.broken('no stale news', what);
    }
  }
}
