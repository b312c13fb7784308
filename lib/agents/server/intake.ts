import type { AtMostOncePatterns } from '../../protocol/at-most-once.js';
import type { Pattern, RefusalReason } from '../../protocol/headers.js';
import { isMalformed, type Malformed } from '../../protocol/malformed.js';
import type { Content, Event, Id, NegotiatedRequest, Untyped } from '../../protocol/messages.js';
import type { FreelancePeer } from '../../security/peer.js';
import type { Agenda } from '../agenda.js';
import type { Clock } from '../clock.js';
import { Budget, type Budgets } from './budget.js';
import type { ClientSession } from './client-session.js';
import type { Job, JobKeeper, JobOwner } from './job.js';
import { readRequest, readUntypedRequest, type ServerRequest } from './read-request.js';
import { Replays } from './replays.js';
import { NegotiatedWriter, refusal, untypedWriter } from './reply-writer.js';
import { ServerCall } from './server-call.js';
import { ServerEvent } from './server-event.js';
import type { ServerStats } from './server-stats.js';
import { Workload, type WorkloadPolicy } from './workload.js';

export interface IntakeOptions extends WorkloadPolicy {
  /** How long after its end a call is remembered, in ms; 0 for not at all. */
  readonly replayWindow: number;
  /** The largest value that is sent, in bytes. */
  readonly maxMessageSize: number;
  /** The patterns whose handlers must not run twice for one call. */
  readonly atMostOnce?: AtMostOncePatterns | undefined;
  /** Whether handlers that this pattern reaches must not, whether or not it is one of those. May throw. */
  readonly isAtMostOnce?: ((pattern: Pattern) => boolean) | undefined;
}

export interface IntakeHost {
  /** The handler of that call is to run. */
  handle(call: ServerCall): void;
  /** The handlers of that event are to run. */
  event(event: ServerEvent): void;
  /** What was to be done cannot be read. */
  dropped(malformed: Malformed): void;
  /** Who that is, as its connection was authenticated; undefined if the server has no security. */
  identify(peer: Buffer): FreelancePeer | undefined;
  /** Someone who cannot tell that it has read it was answered. */
  answeredUnheard(): void;
  /** A job is over. */
  jobOver(): void;
}

type Work = NegotiatedRequest | Event;

/**
 * What clients want done becomes jobs here: calls and events that run, wait for a place, or are refused. What
 * comes again is not done again.
 */
export class Intake implements JobKeeper {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #host: IntakeHost;
  readonly #workload: Workload;
  readonly #replays: Replays;
  readonly #budgets: Budgets;
  /** The clients of the older dialects that have calls open, by routing id. */
  readonly #untyped = new Map<string, OlderClient>();
  readonly #maxBytes: number;
  readonly #atMostOnce: Pick<IntakeOptions, 'atMostOnce' | 'isAtMostOnce'>;
  /** They have names for their calls, but need not be true to them. */
  #untypedCalls = 0;
  #refusedPerClient = 0;
  #isDraining = false;
  #accepted = 0;
  #events = 0;

  constructor(
    options: IntakeOptions,
    budgets: Budgets,
    agenda: Agenda,
    clock: Pick<Clock, 'now'>,
    host: IntakeHost,
  ) {
    this.#budgets = budgets;
    this.#clock = clock;
    this.#maxBytes = options.maxMessageSize;
    this.#atMostOnce = options;
    this.#host = host;
    this.#workload = new Workload(options, agenda, clock);
    this.#replays = new Replays(options.replayWindow);
  }

  get load(): number {
    return this.#workload.load;
  }

  /** The clients of the older dialects for which something runs or waits. */
  get olderClients(): Iterable<JobOwner & { readonly peer: Buffer }> {
    return this.#untyped.values();
  }

  /** The one of these that has that routing id. */
  olderClient(peer: Buffer): JobOwner | undefined {
    return this.#untyped.get(peer.toString('latin1'));
  }

  /** Something runs, or waits for its place. */
  get isBusy(): boolean {
    return this.#workload.isBusy;
  }

  stats(): Omit<
    ServerStats,
    | 'clients'
    | 'keys'
    | 'evicted'
    | 'evictedPerClient'
    | 'isDraining'
    | 'unauthorized'
    | 'undelivered'
    | 'dropped'
  > {
    return {
      running: this.#workload.running,
      queued: this.#workload.queued,
      accepted: this.#accepted,
      events: this.#events,
      abandoned: this.#workload.abandoned,
      lingering: this.#workload.lingering,
      refused: this.#workload.refused,
      refusedPerClient: this.#refusedPerClient,
      replayed: this.#replays.replayed,
    };
  }

  /** @param peer whose it is, as the message came: for all of a pack the same buffer, so that it is identified once */
  take(peer: Buffer, session: ClientSession, message: Work): void {
    const { id } = message;
    // The same again: while it runs, its answer is under way; afterwards it is answered as it was.
    if (session.jobs.has(id) || this.#replays.replay(session, id, this.#clock.now())) return;
    const request = this.#admitted(peer, session, message);
    if (!request) return;
    if (message.type === 'event') {
      this.#enter(new ServerEvent(session, id, request, this));
    } else {
      const maxBytes = Math.min(this.#maxBytes, session.hello?.maxMessageSize ?? Infinity);
      const writer = new NegotiatedWriter(id, this.#replays.record(session), maxBytes);
      const { credit = Infinity } = message.headers;
      this.#enter(new ServerCall(session, id, request, this, writer, credit));
    }
  }

  /** @param send says it in the dialect of the request */
  takeUntyped(
    peer: Buffer,
    message: Untyped<'request', Buffer>,
    send: (reply: Untyped<'reply', Content>) => void,
  ): void {
    const writer = untypedWriter(message, send, this.#maxBytes);
    const key = peer.toString('latin1');
    const owner = this.#untyped.get(key) ?? new OlderClient(peer, key, this.#budgets.of(peer));
    const busy = this.#busy(owner.budget, this.#workload.isFull);
    if (busy !== undefined) {
      this.#workload.countRefusal('busy');
      writer.refuse('busy', busy);
      return;
    }
    const request = readUntypedRequest(message.body, this.#host.identify(peer));
    if (isMalformed(request)) {
      this.#host.dropped(request);
      return;
    }
    const id = String(this.#untypedCalls++);
    if (!this.#untyped.has(key)) this.#rememberOlder(owner);
    this.#enter(new ServerCall(owner, id, request, this, writer, Infinity));
  }

  /** From now on what is new is refused. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Whoever waits is refused. */
  dismiss(): void {
    this.#workload.refuseQueued('draining', LEAVING);
  }

  /** Nothing begins any more. What sessions have running is theirs to stop. */
  close(): void {
    this.#workload.stop();
    for (const { jobs } of this.#untyped.values()) for (const call of jobs.values()) call.abandon();
  }

  called(call: ServerCall): void {
    this.#accepted++;
    this.#host.handle(call);
  }

  accepted(event: ServerEvent): void {
    this.#events++;
    this.#host.event(event);
  }

  due(job: Job, now: number): void {
    this.#workload.due(job, now);
  }

  over(job: Job): void {
    const { owner, id, outcome } = job;
    owner.jobs.delete(id);
    if (outcome) this.#replays.remember(job, outcome, this.#clock.now());
    if (!owner.knowsGoodbye) this.#host.answeredUnheard();
    this.#workload.over(job);
    this.#forgetIfIdle(owner);
    this.#host.jobOver();
  }

  declined(reason: RefusalReason): void {
    this.#workload.countRefusal(reason);
  }

  handlerEnded(job: Job): void {
    this.#workload.handlerEnded(job);
    this.#forgetIfIdle(job.owner);
  }

  #rememberOlder(client: OlderClient): void {
    this.#untyped.set(client.key, client);
    this.#budgets.hold(client.budget);
  }

  #forgetIfIdle(owner: JobOwner): void {
    if (!(owner instanceof OlderClient) || owner.jobs.size > 0 || owner.lingering > 0) return;
    if (this.#untyped.delete(owner.key)) this.#budgets.release(owner.budget);
  }

  #enter(job: Job): void {
    job.owner.jobs.set(job.id, job);
    this.#workload.take(job);
  }

  /** What is to be done; undefined if it cannot be read, cannot be taken in, or comes too late. */
  #admitted(peer: Buffer, session: ClientSession, message: Work): ServerRequest | undefined {
    const { id, headers } = message;
    if (headers.mayHaveRun && this.#isAtMostOnce(headers.pattern))
      return this.#refuse(session, id, 'may-have-run', MAY_HAVE_RUN);
    if (this.#isDraining) return this.#refuse(session, id, 'draining', LEAVING);
    // Before it is read: who is overloaded spends nothing on what it turns away.
    const busy = this.#busy(session.budget, this.#workload.turnsAway);
    if (busy !== undefined) return this.#refuse(session, id, 'busy', busy);
    const sender = { clientId: session.hello?.id, peer: this.#host.identify(peer) };
    const request = readRequest(message, sender, this.#clock);
    if (isMalformed(request)) {
      this.#host.dropped(request);
      return undefined;
    }
    if (request.remaining() > 0) return request;
    return this.#refuse(session, id, 'expired', 'Its deadline has passed');
  }

  #isAtMostOnce(pattern: Pattern): boolean {
    const { atMostOnce, isAtMostOnce } = this.#atMostOnce;
    try {
      return (atMostOnce?.has(pattern) ?? false) || (isAtMostOnce?.(pattern) ?? false);
    } catch {
      // Nor will its handlers be found.
      return false;
    }
  }

  #refuse(session: ClientSession, id: Id, reason: RefusalReason, text: string): undefined {
    this.#workload.countRefusal(reason);
    session.send(refusal(id, reason, text));
  }

  /** Why nothing more can be taken in from that client; undefined if it can. */
  #busy(budget: Budget, isTurnedAway: boolean): string | undefined {
    if (isTurnedAway) {
      this.#workload.turnAway();
      return `The server is busy: ${this.#workload.describe()}. Try again later, or elsewhere.`;
    }
    if (!this.#workload.isFullFor(budget)) return undefined;
    this.#refusedPerClient++;
    const who = budget.key === undefined ? 'This client has' : 'The connections of your key have';
    return (
      `${who} ${budget.open} calls and events open here, as many as maxConcurrencyPerClient and its ` +
      'share of maxQueue allow. Call less at a time, or elsewhere.'
    );
  }
}

/** A client of the older dialects, as long as it has calls open, or handlers of such run on. */
class OlderClient implements JobOwner {
  readonly jobs = new Map<string, Job>();
  lingering = 0;
  readonly knowsGoodbye = false;

  constructor(
    readonly peer: Buffer,
    readonly key: string,
    readonly budget: Budget,
  ) {}
}

/** Why a handler that runs at most once does not run. */
export const MAY_HAVE_RUN =
  'Its handler runs at most once for a call, and an earlier attempt may have run. It did not run here.';
const LEAVING = 'The server is about to leave. Try another one.';
