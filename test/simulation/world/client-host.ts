import { ClientAgent } from '../../../lib/agents/client/client-agent.js';
import type { ServerTarget } from '../../../lib/core/server-target.js';
import type { ResolvedClientOptions } from '../../../lib/nest/options/client-options.js';
import { endpointOf } from '../network/addresses.js';
import type { Chance } from '../time/chance.js';
import type { Terms } from '../ledger/entry.js';
import type { Workload } from '../workload/ask.js';
import { Caller } from '../workload/caller.js';
import { expectCleanExit } from '../rules/exits.js';
import { expectTrueClientStats } from '../rules/stats.js';
import { clientWitness } from './client-witness.js';
import type { Ground, Host } from './host.js';
import { killed } from './killed.js';
import { Process } from './process.js';

interface Life {
  readonly process: Process;
  readonly agent: ClientAgent;
  readonly caller: Caller;
}

/** A host with a client. */
export class ClientHost implements Host {
  willResign = false;
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
        terms: this.#terms,
      });
      this.#life = { process, agent, caller };
      caller.start();
    });
  }

  kill(): void {
    const { process } = this.#over() ?? {};
    if (process) killed(process, this.#ground);
  }

  leave(): void {
    // A process that does not react is killed in the end.
    if (this.process?.isPaused) return this.kill();
    const life = this.#over();
    if (life) life.process.hear(() => this.#close(life));
  }

  #close({ process, caller, agent }: Life): void {
    process.isLeaving = true;
    caller.stop();
    agent.close();
    expectCleanExit(process, this.#ground);
  }

  forget(server: string): void {
    const gone = endpointOf(server);
    this.#rename((endpoints) => endpoints.filter((endpoint) => endpoint !== gone));
  }

  remember(server: string): void {
    this.#rename((endpoints) => [...endpoints, endpointOf(server)]);
  }

  /** A discovery names its servers. */
  follow(targets: readonly ServerTarget[]): void {
    const { process, agent } = this.#life ?? {};
    process?.hear(() => agent?.replaceServers(targets));
  }

  inspect(): void {
    if (!this.#life) return;
    const { process, agent } = this.#life;
    expectTrueClientStats(agent.stats(), process, this.#options.agent, this.#ground);
  }

  #rename(rename: (endpoints: readonly string[]) => readonly string[]): void {
    const { process, agent } = this.#life ?? {};
    process?.hear(() => {
      if (!agent) return;
      const { endpoints, unwatched } = agent.stats();
      const named = rename([...Object.keys(endpoints), ...unwatched]);
      agent.replaceServers(named.map((endpoint) => ({ endpoint })));
    });
  }

  get #terms(): Terms {
    const { connectTimeout, heartbeat, retryBudget, targets } = this.#options.agent;
    const { timeout: silence } = heartbeat;
    return { patience: connectTimeout, silence, retryBudget, servers: targets.length };
  }

  #over(): Life | undefined {
    const life = this.#life;
    this.#life = undefined;
    return life;
  }

  #agent(process: Process): ClientAgent {
    const { agent, balancer, isFailure } = this.#options;
    const { interval, timeout } = agent.heartbeat;
    return new ClientAgent(
      { ...agent, clientId: process.name, balancer: balancer(), isFailure },
      this.#ground.sockets(process, { interval, timeout }),
      process,
      clientWitness(process, this.#ground, () => this.#changed(process)),
    );
  }

  #changed(process: Process): void {
    const life = this.#life;
    if (!this.willResign || life?.process !== process) return;
    this.willResign = false;
    this.#over();
    this.#close(life);
  }
}
