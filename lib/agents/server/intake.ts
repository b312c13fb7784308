import type { RefusalReason } from '../../protocol/headers.js';
import { isMalformed, type Malformed } from '../../protocol/malformed.js';
import type {
  Content,
  Event,
  NegotiatedRequest,
  Untyped,
  UntypedBody,
} from '../../protocol/messages.js';
import type { Peer } from '../../sockets/socket-port.js';
import type { Scheduler } from '../scheduler.js';
import type { Clock } from '../clock.js';
import type { ClientSession } from './client-session.js';
import type { ClientCounts } from './clients.js';
import { JobMeters } from './job-meters.js';
import type { Job } from './job.js';
import type { JobEnd } from './job-end.js';
import type { JobMeasurement } from './job-measurement.js';
import { readUntypedRequest } from './read-request.js';
import { ReplayCache } from './replay-cache.js';
import { LEAVING, RequestAdmission, type RequestAdmissionPolicy } from './request-admission.js';
import { NegotiatedReplyWriter, untypedReplyWriter } from './reply-writer.js';
import { type ServerCallListener, ServerCall } from './server-call.js';
import { type ServerEventListener, ServerEvent } from './server-event.js';
import type { Notifications } from '../notifications.js';
import type { ServerHandler } from './server-handler.js';
import type { ServerStats } from './server-stats.js';
import { JobQueue, type JobQueuePolicy } from './job-queue.js';
import type { UntypedClients } from './untyped-clients.js';

type IntakeStats = Omit<
  ServerStats,
  keyof ClientCounts | 'isDraining' | 'unauthorized' | 'bytesSent' | 'bytesReceived' | 'dropped'
>;

export interface IntakeOptions extends JobQueuePolicy, RequestAdmissionPolicy {
  /** How long after its end a call is remembered, in ms; 0 turns this off. */
  readonly replayWindow: number;
  /** The largest value that may be sent, in bytes. */
  readonly maxMessageSize: number;
  /** Whether there is a handler for a pattern, which then is counted apart from others. @default each is */
  readonly hasHandler?: ((pattern: string) => boolean) | undefined;
}

export interface IntakeDeps {
  readonly notifications: Notifications;
  readonly untyped: UntypedClients;
  readonly scheduler: Scheduler;
  readonly clock: Pick<Clock, 'now'>;
}

export interface IntakeListener extends Pick<ServerHandler, 'handle' | 'event' | 'declined'> {
  /** A request cannot be read. */
  dropped(malformed: Malformed): void;
  /** A reply went to a client that does not answer GOODBYE, so that a draining server cannot learn whether it was read. */
  answeredUnheard(): void;
  /** A job is over. */
  jobOver(): void;
}

type Work = NegotiatedRequest | Event;

/** Turns the requests and events that `MessageRouter` passes on into jobs, or refuses them. What comes twice runs once. */
export class Intake implements ServerCallListener, ServerEventListener {
  readonly #options: IntakeOptions;
  readonly #notifications: Notifications;
  readonly #untyped: UntypedClients;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #listener: IntakeListener;
  readonly #queue: JobQueue;
  readonly #admission: RequestAdmission;
  readonly #meters: JobMeters;
  readonly #replayCache: ReplayCache;
  /** The call may have been abandoned before the notification is delivered. */
  readonly #handle = (call: ServerCall) => call.isWanted && this.#listener.handle(call);
  readonly #run = (event: ServerEvent) => this.#listener.event(event);
  #accepted = 0;
  #events = 0;

  constructor(options: IntakeOptions, deps: IntakeDeps, listener: IntakeListener) {
    this.#options = options;
    this.#notifications = deps.notifications;
    this.#untyped = deps.untyped;
    this.#clock = deps.clock;
    this.#listener = listener;
    const { clock, notifications, scheduler } = deps;
    this.#meters = new JobMeters(options.hasHandler);
    this.#queue = new JobQueue(options, {
      scheduler,
      clock,
      refused: (reason, pattern) => notifications.tell(listener.declined, reason, pattern),
    });
    const dropped = (malformed: Malformed) => listener.dropped(malformed);
    this.#admission = new RequestAdmission(options, { queue: this.#queue, clock, dropped });
    this.#replayCache = new ReplayCache(options.replayWindow);
  }

  get load(): number {
    return this.#queue.load;
  }

  /** Whether something runs or waits for its place. */
  get isBusy(): boolean {
    return this.#queue.isBusy;
  }

  stats(): IntakeStats {
    return {
      ...this.figures(),
      accepted: this.#accepted,
      events: this.#events,
      abandoned: this.#queue.abandoned,
      lingering: this.#queue.lingering,
      refused: this.#queue.refused,
      refusedPerClient: this.#queue.refusedPerClient,
      replayed: this.#replayCache.replayed,
      ...this.#meters.stats(),
    };
  }

  figures(): Pick<ServerStats, 'running' | 'queued'> {
    return { running: this.#queue.running, queued: this.#queue.queued };
  }

  take(peer: Peer, session: ClientSession, message: Work): void {
    const { id } = message;
    // A repetition. While the first one runs, its answer is still to come; afterwards the same answer is sent again.
    if (session.jobs.has(id) || this.#replayCache.replay(session, id, this.#clock.now())) return;
    const request = this.#admission.admit(peer, session, message);
    if (!request) return;
    if (message.type === 'event') {
      this.#enter(new ServerEvent(session, id, request, this));
    } else {
      const maxBytes = Math.min(
        this.#options.maxMessageSize,
        session.hello?.maxMessageSize ?? Infinity,
      );
      const writer = new NegotiatedReplyWriter(id, this.#replayCache.record(session), maxBytes);
      const { credit = Infinity } = message.headers;
      this.#enter(new ServerCall(session, id, request, this, writer, credit));
    }
  }

  /** A request of the older dialects, which have no headers. @param send sends a reply in the dialect of the request */
  takeUntyped(
    peer: Peer,
    message: Untyped<'request', UntypedBody>,
    send: (reply: Untyped<'reply', Content>) => void,
  ): void {
    const writer = untypedReplyWriter(message, send, this.#options.maxMessageSize);
    const client = this.#untyped.of(peer);
    const busy = this.#queue.whyBusy(client.budget, false);
    if (busy !== undefined) {
      this.#queue.countRefusal('busy', undefined);
      writer.refuse('busy', busy);
      return;
    }
    const request = readUntypedRequest(message.body, peer.identity, this.#clock.now());
    if (isMalformed(request)) {
      this.#listener.dropped(request);
      return;
    }
    this.#untyped.remember(client);
    const id = this.#untyped.newCallId();
    this.#enter(new ServerCall(client, id, request, this, writer, Infinity));
  }

  /** Refuses everything new from now on. */
  drain(): void {
    this.#admission.drain();
  }

  /** Refuses what waits for a place. */
  dismiss(): void {
    this.#queue.refuseQueued('draining', LEAVING);
  }

  /** No job begins any more; those that run may end. */
  close(): void {
    this.#queue.stop();
  }

  began(job: Job): JobMeasurement | undefined {
    return this.#meters.began(job.request);
  }

  called(call: ServerCall): void {
    if (call.measurement) this.#accepted++;
    this.#notifications.tell(this.#handle, call);
  }

  accepted(event: ServerEvent): void {
    if (event.measurement) this.#events++;
    this.#notifications.tell(this.#run, event);
  }

  stopped(call: ServerCall): void {
    this.#notifications.tell(() => call.stopHandler());
  }

  due(job: Job, now: number): void {
    this.#queue.due(job, now);
  }

  over(job: Job, end: JobEnd): void {
    this.#notifications.enter();
    try {
      const { client, id, outcome, request } = job;
      const now = this.#clock.now();
      client.jobs.delete(id);
      job.measurement?.ended(end, now - request.arrivedAt, this.#notifications);
      if (outcome) this.#replayCache.remember(job, outcome, now);
      if (!client.knowsGoodbye) this.#listener.answeredUnheard();
      this.#queue.over(job);
      this.#untyped.forgetIfIdle(client);
      this.#listener.jobOver();
    } finally {
      this.#notifications.leave();
    }
  }

  declined(reason: RefusalReason, { request }: ServerCall): void {
    this.#queue.countRefusal(reason, request.pattern);
  }

  handlerEnded(job: Job): void {
    this.#notifications.within(() => {
      this.#queue.handlerEnded(job);
      this.#untyped.forgetIfIdle(job.client);
    });
  }

  #enter(job: Job): void {
    job.client.jobs.set(job.id, job);
    this.#queue.take(job);
  }
}
