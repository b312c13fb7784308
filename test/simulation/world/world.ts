import { resolveClientOptions } from '../../../lib/nest/options/client-options.js';
import { Ledger } from '../ledger/ledger.js';
import type { Traffic } from '../network/end.js';
import { endpointOf } from '../network/addresses.js';
import type { Engines } from '../network/engines.js';
import { Network } from '../network/network.js';
import { Answers } from '../rules/answers.js';
import { Budgets } from '../rules/budgets.js';
import { Calm } from '../rules/calm.js';
import { Executions } from '../rules/executions.js';
import { Reach } from '../rules/reach.js';
import { Streams } from '../rules/streams.js';
import { Verdict } from '../rules/verdict.js';
import type { ClientPlan, Plan } from '../scenarios/scenario.js';
import type { Chance } from '../time/chance.js';
import { Timeline } from '../time/timeline.js';
import { textOf, Trace } from '../trace.js';
import { ClientHost } from './client-host.js';
import type { Ground, Host } from './host.js';
import type { Process } from './process.js';
import { ServerHost } from './server-host.js';

export interface WorldOptions {
  readonly isTraced: boolean;
  /** After how many steps the agents' stats are checked; as in the plan if not set. */
  readonly inspectEvery?: number;
  /** Which engines the sockets are of. @default libzmq everywhere */
  readonly engines?: Engines;
}

/** Real agents on hosts of a virtual network, in virtual time. The same randomness gives the same world. */
export class World {
  readonly timeline = new Timeline();
  readonly trace: Trace;
  readonly verdict = new Verdict(() => this.timeline.now);
  readonly network: Network;
  readonly ledger: Ledger;
  readonly servers: readonly ServerHost[];
  readonly clients: readonly ClientHost[];
  /** Reports that some client connects to that server. */
  whenConnecting: (server: string) => void = () => {};
  readonly #hosts = new Map<string, Host>();
  readonly #inspectEvery: number;
  #actor: Process | undefined;

  constructor(plan: Plan, chance: Chance, options: WorldOptions) {
    const { timeline, verdict } = this;
    const { isFlawless = false } = plan;
    this.#inspectEvery = options.inspectEvery ?? plan.inspectEvery ?? 16;
    this.trace = new Trace(options.isTraced, () => timeline.now);
    this.network = new Network({ ...plan, traffic: this.#traffic() }, timeline, chance.fork());
    const calm = new Calm(this.network);
    const reach = new Reach(() => this.servers, calm, plan.recoveryMs);
    this.ledger = new Ledger(timeline, {
      budgets: new Budgets(timeline, this.network, verdict),
      answers: new Answers(timeline, reach, verdict, isFlawless),
      executions: new Executions(timeline, this.network, calm, verdict, plan),
      streams: new Streams(timeline, calm, verdict),
    });
    const ground = this.#ground(plan, options.engines ?? LIBZMQ);
    this.servers = plan.servers.map((name) => new ServerHost(name, plan, ground, chance.fork()));
    const endpoints = plan.servers.map(endpointOf);
    this.clients = plan.clients.map((client) =>
      newClient(client, endpoints, ground, chance.fork()),
    );
    for (const host of [...this.servers, ...this.clients]) this.#hosts.set(host.name, host);
  }

  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`there is no host ${name}`);
    return host;
  }

  server(name: string): ServerHost {
    const host = this.host(name);
    if (host instanceof ServerHost) return host;
    throw new Error(`${name} is no server`);
  }

  client(name: string): ClientHost {
    const host = this.host(name);
    if (host instanceof ClientHost) return host;
    throw new Error(`${name} is no client`);
  }

  /** Runs until that time, or until a rule is broken. */
  async runUntil(moment: number): Promise<void> {
    await this.timeline.runUntil(moment, () => {
      if (this.timeline.steps % this.#inspectEvery === 0) this.#inspect();
      return !this.verdict.isGuilty;
    });
  }

  #inspect(): void {
    if (!this.#actor) return;
    const host = this.host(this.#actor.host);
    if (host.process === this.#actor) host.inspect();
  }

  #ground(plan: Plan, engines: Engines): Ground {
    const { timeline, network, ledger, verdict, trace } = this;
    return {
      timeline,
      network,
      ledger,
      verdict,
      trace,
      sockets: (process, heartbeats) => {
        const engine = plan.servers.includes(process.host) ? engines.servers : engines.clients;
        const sockets = network.sockets(process, heartbeats, engine);
        return plan.spoil?.(sockets, timeline) ?? sockets;
      },
      observer: {
        acted: (process) => {
          this.#actor = process;
        },
        threw: (process, error) => {
          const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
          verdict.broken('never throws', `${process.name}: ${what}`);
        },
      },
    };
  }

  #traffic(): Traffic {
    const { trace } = this;
    return {
      connecting: ({ name }, to) => {
        if (trace.isOn) trace.say(name, `connects to ${to}`);
        this.whenConnecting(to);
      },
      sent: ({ name }, to, frames) => {
        if (trace.isOn) trace.say(name, `to ${to}: ${textOf(frames)}`);
      },
      ended: ({ name }, other, reason) => {
        if (trace.isOn) trace.say(name, `${reason} (${other})`);
      },
    };
  }
}

const LIBZMQ: Engines = { clients: 'libzmq', servers: 'libzmq' };

function newClient(
  { name, options, targets, workload }: ClientPlan,
  endpoints: readonly string[],
  ground: Ground,
  chance: Chance,
): ClientHost {
  const resolved = resolveClientOptions({ ...options, endpoints: targets ?? endpoints });
  return new ClientHost(name, resolved, workload, ground, chance);
}
