import type { ClientStats, EndpointStats } from 'nestjs-freelance';
import { Fault, type FaultSignal } from './fault.js';
import type { Report, Sighting } from './messages.js';
import { duration } from './numbers.js';
import { SLOT_MS, Tally } from './tally.js';
import { longest } from './waits.js';

export type Tone = 'good' | 'bad' | 'doubtful' | 'neutral';

/** An event of the run, in words. */
export interface RunEvent {
  readonly at: number;
  readonly text: string;
  readonly tone: Tone;
}

/** Something that the demo did to a server. */
export interface Deed {
  readonly name: string;
  readonly server: string;
  readonly at: number;
  readonly tone: Tone;
}

/** Reports come every 100 ms: a slot is complete a little after its end. */
const REPORT_DELAY_MS = 150;

const TONES: Record<Sighting['event'], Tone> = { up: 'good', suspect: 'doubtful', down: 'bad' };

/** All that has happened so far: the views read it, the stage and the children's messages write it. */
export class Run {
  readonly events: RunEvent[] = [];
  readonly deeds: Deed[] = [];
  readonly faults: Fault[] = [];
  readonly tally = new Tally();
  /** The address of the live page; undefined without one. */
  page: string | undefined;
  stats: Pick<ClientStats, 'endpoints' | 'pending'> = { endpoints: {}, pending: 0 };
  #startedAt: number | undefined;

  /** @param servers the endpoint of each, by its name */
  constructor(readonly servers: ReadonlyMap<string, string>) {}

  /** The moment from which time is counted. */
  start(): void {
    this.#startedAt = Date.now();
  }

  get hasStarted(): boolean {
    return this.#startedAt !== undefined;
  }

  /** In ms since the start. */
  get age(): number {
    return this.#sinceStart(Date.now());
  }

  /** The number of past slots whose reports are all in. */
  get completeSlots(): number {
    return Math.max(0, Math.floor((this.age - REPORT_DELAY_MS) / SLOT_MS));
  }

  /** The answers of a server in the last second. */
  rate(server: string): number {
    const end = this.completeSlots;
    const lastSecond = this.tally.answersOf(server).slice(Math.max(0, end - 1000 / SLOT_MS), end);
    return lastSecond.reduce((sum, answers) => sum + answers, 0);
  }

  /** The server as the client sees it; undefined before the client's first report. */
  seen(server: string): EndpointStats | undefined {
    return this.stats.endpoints[this.servers.get(server) ?? ''];
  }

  tell(text: string, tone: Tone): void {
    this.events.push({ at: this.age, text, tone });
  }

  did(name: string, server: string, words: string, tone: Tone): void {
    this.deeds.push({ name, server, at: this.age, tone });
    this.tell(`${server} ${words}`, tone);
  }

  broke(server: string, signal: FaultSignal): Fault {
    const fault = new Fault(signal, server, Date.now());
    this.faults.push(fault);
    return fault;
  }

  report({ stats, outcomes }: Report): void {
    this.stats = stats;
    for (const outcome of outcomes) {
      this.tally.add(outcome, Math.floor(this.#sinceStart(outcome.endedAt) / SLOT_MS));
      if ('code' in outcome) {
        const { code, message } = outcome;
        if (this.tally.failures.get(code)?.count === 1) this.tell(`${code}: ${message}`, 'bad');
      } else if (outcome.attempt > 1) {
        this.faults.findLast(({ at }) => at <= outcome.endedAt)?.hit(outcome);
      }
    }
  }

  sighting({ endpoint, event, reason, at }: Sighting): void {
    const server = this.#nameOf(endpoint);
    const cause = this.deeds.findLast((deed) => deed.server === server);
    // Servers that come up at the start are no event.
    if (!cause && event === 'up') return;
    const after = cause ? ` after ${duration(this.#sinceStart(at) - cause.at)}` : '';
    const because = reason && `: ${reason}`;
    this.tell(`the client sees ${server} ${event}${after}${because}`, TONES[event]);
  }

  tellHits({ waits }: Fault): void {
    const calls = waits.length === 1 ? '1 call' : `${waits.length} calls`;
    const longestWait =
      waits.length > 0 ? `; the longest wait was ${duration(longest(waits))}` : '';
    this.tell(`${calls} moved to other servers${longestWait}`, 'neutral');
  }

  #nameOf(endpoint: string): string {
    for (const [name, its] of this.servers) if (its === endpoint) return name;
    return endpoint;
  }

  #sinceStart(at: number): number {
    return this.#startedAt === undefined ? 0 : Math.max(0, at - this.#startedAt);
  }
}
