import { describe, type Fault, inject } from '../faults/fault.js';
import { FAREWELL_MS } from '../rules/exits.js';
import type { Plan } from '../scenarios/scenario.js';
import type { Ask } from '../workload/ask.js';
import type { Caller } from '../workload/caller.js';
import type { World } from './world.js';

/** How long a call may take once all is well again, in ms. */
const PROBE_MS = 2000;
const PROBES = 5;
const STRIDE_MS = 10;

/** Streams may be long, and their readers slow, in ms. */
const LAST_END_MS = 60_000;

/** The phases of a world: faults, rest, proof of recovery, end. */
export class History {
  readonly #world: World;
  readonly #plan: Plan;

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
  }

  async pass(): Promise<void> {
    const chapters = [
      () => this.goWrong(),
      () => this.#comeToRest(),
      () => this.#prove(),
      () => this.#end(),
    ];
    for (const chapter of chapters) if (!this.#world.verdict.isGuilty) await chapter();
  }

  /** Clients call, and faults happen. */
  async goWrong(): Promise<void> {
    const { servers, clients, timeline } = this.#world;
    const { later } = this.#plan;
    for (const host of [...servers, ...clients]) {
      if (!later?.has(host.name)) timeline.at(0, () => host.boot());
    }
    for (const fault of this.#plan.faults) timeline.at(fault.at, () => this.#inject(fault));
    this.#plan.watch?.(this.#world);
    await this.#world.runUntil(this.#plan.lastsMs);
  }

  #inject(fault: Fault): void {
    const { timeline, trace } = this.#world;
    if (trace.isOn) trace.say('FAULT', describe(fault));
    const undo = inject(fault, this.#world);
    timeline.in(fault.for, () => {
      if (trace.isOn) trace.say('OVER', describe(fault));
      undo();
    });
  }

  /** Nothing is wrong any more, nobody calls, and open calls end. */
  async #comeToRest(): Promise<void> {
    const { clients, ledger, timeline, verdict } = this.#world;
    for (const { caller } of clients) caller?.stop();
    await this.#world.runUntil(timeline.now + this.#plan.recoveryMs);
    const open = () =>
      clients.flatMap(({ process }) => (process ? Array.from(ledger.openOf(process)) : []));
    const until = timeline.now + LAST_END_MS;
    while (open().length > 0 && timeline.now < until && !verdict.isGuilty) {
      await this.#world.runUntil(timeline.now + 1000);
    }
    for (const entry of open()) verdict.broken('ends', `${entry.name} never ended`);
    for (const host of this.#world.hosts) host.inspect();
  }

  /** Every call succeeds, one after the other, since some servers take only one at a time. */
  async #prove(): Promise<void> {
    for (let probe = 0; probe < PROBES; probe++) {
      for (const { caller } of this.#world.clients) if (caller) await this.#probe(caller);
    }
  }

  async #probe(caller: Caller): Promise<void> {
    const { timeline, verdict } = this.#world;
    const probe = caller.ask(PROBE);
    const until = timeline.now + PROBE_MS;
    while (probe.isOpen && timeline.now < until && !verdict.isGuilty) {
      await this.#world.runUntil(timeline.now + STRIDE_MS);
    }
    if (probe.end === 'complete') return;
    verdict.broken(
      'recovers',
      `${probe.name} should have succeeded by now: ${probe.end ?? 'open'}`,
    );
  }

  /** Everything closes, and nothing is left behind. */
  async #end(): Promise<void> {
    const { clients, servers, timeline } = this.#world;
    for (const hosts of [clients, servers]) {
      for (const host of hosts) host.leave();
      await this.#world.runUntil(timeline.now + FAREWELL_MS);
      for (const host of servers) host.inspect();
    }
  }
}

const PROBE: Ask = {
  kind: 'value',
  idempotent: true,
  maxAttempts: 3,
  timeout: Infinity,
  requestTimeout: PROBE_MS,
  values: 1,
  fails: false,
  hangs: false,
  hedge: undefined,
  routingKey: undefined,
  readsIn: undefined,
  cancelsAfter: Infinity,
  waitsForCredit: false,
};
