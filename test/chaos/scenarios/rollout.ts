import type { FreelanceClientProxy } from 'nestjs-freelance';
import { fileEndpoints } from 'nestjs-freelance/discovery';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Announced, AnnouncedByFile, AnnouncedDirectly } from '../fleet/announced.js';
import { connectTo } from '../fleet/clients.js';
import type { Fleet } from '../fleet/fleet.js';
import { Host } from '../fleet/host.js';
import { type Finding, none } from '../judge/finding.js';
import { CountedStreams } from '../load/counted-streams.js';
import { SteadyLoad } from '../load/load.js';
import type { Scenario, Stage } from './scenario.js';

const ROUNDS = 20;
const SERVERS = 3;

/** `terminationGracePeriodSeconds` by default, in ms. */
const GRACE_MS = 30_000;

/** SIGTERM comes at most so long after the turn of a server has begun, in ms. */
const NOTICE_MS = 150;

/** Half of the clients lose its endpoint before SIGTERM, the others at most so long after it, in ms: its process may have ended. */
const REMOVED_MS = 600;

/** A server is announced at most so long after it is ready, in ms. */
const ANNOUNCED_MS = 400;

/** In the short form, on a machine that may stand still for seconds, nothing but the update may move a call. */
const PATIENT = {
  heartbeatInterval: 5000,
  heartbeatTimeout: 30_000,
  requestTimeout: 60_000,
  connectTimeout: 60_000,
};

/** A call that has not ended by then never will, in ms. */
const PATIENCE_MS = 90_000;

/** Of each load. */
const CALLERS = 6;
const READERS = 3;

/** Servers are replaced one after another by ones at other ports, and clients learn of it late, as in Kubernetes. */
export const rollout: Scenario = {
  name: 'rollout',
  fault: 'rolling update of three, twenty times, servers found by discovery',
  async run(stage) {
    await using rolled = await Rolled.start(stage);
    using direct = await connectTo(rolled.direct, stage.isShort ? PATIENT : {});
    using byFile = await connectTo(fileEndpoints(rolled.file.path), stage.isShort ? PATIENT : {});
    using calls = new Loads([direct, byFile], true);
    using once = new Loads([direct, byFile], false);
    for (let round = 1; round <= ROUNDS; round++) {
      for (let at = 0; at < SERVERS; at++) await rolled.replace(at);
      stage.progress(`round ${round} of ${ROUNDS}`);
    }
    await rolled.settled();
    await Promise.all([calls.end(), once.end()]);
    return [
      ...calls.findings(stage.fleet, ''),
      ...once.findings(stage.fleet, ', idempotent: false'),
      none('killed at the end of the grace period', rolled.killed, ROUNDS * SERVERS),
    ];
  },
};

/** Three servers that are replaced, and what clients are told of them. */
class Rolled implements AsyncDisposable {
  killed = 0;
  readonly direct: AnnouncedDirectly;
  readonly file: AnnouncedByFile;
  /** It runs and nobody knows of it, as a new pod before it is ready. */
  #next: Promise<Host>;
  readonly #late: Promise<unknown>[] = [];
  #started = 0;

  private constructor(
    private readonly stage: Stage,
    private readonly folder: string,
    private readonly pods: Host[],
  ) {
    const endpoints = pods.map(({ endpoint }) => endpoint);
    this.direct = new AnnouncedDirectly(endpoints);
    this.file = new AnnouncedByFile(join(folder, 'endpoints.json'), endpoints);
    this.#next = this.#start();
  }

  static async start(stage: Stage): Promise<Rolled> {
    const folder = await mkdtemp(join(tmpdir(), 'freelance-rollout-'));
    const names = Array.from({ length: SERVERS }, (_, n) => `pod-${n}`);
    const pods = await Promise.all(names.map((name) => startPod(stage, name)));
    const rolled = new Rolled(stage, folder, pods);
    await rolled.file.tell();
    return rolled;
  }

  /** Resolves once the process of the old server has ended; clients may learn of either later. */
  async replace(at: number): Promise<void> {
    const { random } = this.stage;
    const old = this.pods[at];
    const pod = await this.#next;
    this.pods[at] = pod;
    this.#next = this.#start();
    if (!old) return;
    const isReadinessUsed = random() < 0.5;
    // With maxSurge, the new server is there before the old one leaves; with maxUnavailable, after it.
    const isSurge = random() < 0.5;
    const notice = random() * NOTICE_MS;
    const isEarly = () => random() < 0.5;
    const joins = () =>
      this.#announce(
        () => random() * ANNOUNCED_MS,
        (to) => to.joins(pod.endpoint),
      );
    if (isSurge) joins();
    this.#announce(
      () => (isEarly() ? random() * notice : notice + random() * REMOVED_MS),
      (to) => to.leaves(old.endpoint),
    );
    const unreadyAfter = random() * notice;
    await delay(unreadyAfter);
    if (isReadinessUsed) await old.setUnready();
    await delay(notice - unreadyAfter);
    if (!(await old.leave(GRACE_MS))) this.killed++;
    if (!isSurge) joins();
  }

  /** Resolves once all clients have been told. */
  async settled(): Promise<void> {
    await Promise.all(this.#late);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settled();
    await Promise.all([...this.pods, await this.#next].map((pod) => pod.kill()));
    await rm(this.folder, { recursive: true });
  }

  /** Each client hears of it at a time of its own. */
  #announce(afterMs: () => number, tell: (to: Announced) => Promise<void>): void {
    for (const to of [this.direct, this.file]) {
      this.#late.push(delay(afterMs()).then(() => tell(to)));
    }
  }

  #start(): Promise<Host> {
    const pod = startPod(this.stage, `pod-${SERVERS + this.#started++}`);
    // Whoever needs it will hear.
    pod.catch(() => {});
    return pod;
  }
}

function startPod({ fleet }: Stage, name: string): Promise<Host> {
  const [{ notes }] = fleet.hosts;
  return Host.start(name, notes, {});
}

/** Calls and streams of several clients. */
class Loads implements Disposable {
  readonly #calls: readonly SteadyLoad[];
  readonly #streams: readonly CountedStreams[];

  constructor(clients: readonly FreelanceClientProxy[], idempotent: boolean) {
    this.#calls = clients.map((one) => new SteadyLoad(one, { callers: CALLERS, idempotent }));
    this.#streams = clients.map((one) => new CountedStreams(one, { readers: READERS, idempotent }));
  }

  /** Resolves once all have ended, or will never. */
  async end(): Promise<void> {
    const ends = [...this.#calls, ...this.#streams].map((load) => load.end());
    await Promise.race([Promise.all(ends), delay(PATIENCE_MS, undefined, { ref: false })]);
  }

  findings(fleet: Fleet, kind: string): Finding[] {
    const failed = this.#calls.flatMap(({ meter }) => meter.failures);
    const broken = this.#streams.flatMap(({ failures }) => failures);
    const made = sum(this.#calls.map(({ meter }) => meter.started));
    const opened = sum(this.#streams.map(({ started }) => started));
    const loads = [...this.#calls, ...this.#streams];
    const open =
      sum(this.#calls.map(({ meter }) => meter.open)) + sum(this.#streams.map((one) => one.open));
    const { executed, twice } = fleet.executions((id) => loads.some((load) => load.made(id)));
    return [
      none(`failed calls${kind}`, failed.length, made, failed[0]?.message),
      none(`failed streams${kind}`, broken.length, opened, broken[0]),
      none(`calls that did not end${kind}`, open),
      none(`executed twice${kind}`, twice, executed),
    ];
  }

  [Symbol.dispose](): void {
    for (const load of [...this.#calls, ...this.#streams]) load[Symbol.dispose]();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
