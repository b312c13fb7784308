import { ReplayWindow } from '../../core/replay-window.js';
import type { Ack, Content, Id, NegotiatedReply } from '../../protocol/messages.js';
import type { ClientSession } from './client-session.js';
import type { Job } from './job.js';

/** What is remembered, whatever the window: 16 MiB is little for a server, and 10 000 calls a second of most. */
const MOST_OUTCOMES = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** A larger answer is not kept: a few of them would drive out all others. */
const LARGEST_ANSWER = MOST_BYTES / 16;

/** What an outcome takes besides its body, in bytes, roughly. */
const OVERHEAD = 256;

/** `spent`: it has ended, and what it was answered is not kept. */
export type Outcome = NegotiatedReply<Content> | Ack | 'spent';

/** Who hears the replies of one call. */
export interface ReplyTarget {
  send(reply: NegotiatedReply<Content>): void;
  /** What the call is to be answered if it comes again, if that is remembered. */
  readonly outcome?: Outcome | undefined;
}

/** Answers calls and events that come again after they have ended, so that they do not run again. */
export class Replays {
  readonly #window: ReplayWindow<Outcome> | undefined;
  #replayed = 0;

  /** @param ms how long after its end a call is remembered; 0 for not at all */
  constructor(ms: number) {
    if (ms > 0)
      this.#window = new ReplayWindow({
        window: ms,
        maxCount: MOST_OUTCOMES,
        maxBytes: MOST_BYTES,
      });
  }

  /** How many have come again. */
  get replayed(): number {
    return this.#replayed;
  }

  /** Says again what was said at the end of that call or event; false if nothing of it is remembered. */
  replay(session: ClientSession, id: Id, now: number): boolean {
    const outcome = this.#window?.recall(session, id, now);
    if (!outcome) return false;
    this.#replayed++;
    session.send(outcome === 'spent' ? spentReply(id) : outcome);
    return true;
  }

  /** What has to hear the replies of a call, so that its outcome can be remembered. */
  record(session: ClientSession): ReplyTarget {
    return this.#window ? new Recorder(session) : session;
  }

  /** A call or an event has ended like that. */
  remember({ owner, id }: Job, outcome: Outcome, now: number): void {
    const length = outcome === 'spent' || outcome.type === 'ack' ? 0 : outcome.body.length;
    if (length > LARGEST_ANSWER) this.#window?.remember(owner, id, 'spent', OVERHEAD, now);
    else this.#window?.remember(owner, id, outcome, OVERHEAD + length, now);
  }
}

/** Hears what a call is answered. */
export class Recorder implements ReplyTarget {
  readonly #session: ReplyTarget;
  #isStream = false;
  #outcome: Outcome | undefined = 'spent';

  constructor(session: ReplyTarget) {
    this.#session = session;
  }

  send(reply: NegotiatedReply<Content>): void {
    const { status } = reply.headers;
    if (status === 'next') this.#isStream = true;
    else if (status === 'refused') this.#outcome = undefined;
    else if (!this.#isStream) this.#outcome = reply;
    this.#session.send(reply);
  }

  /** Undefined if the call was refused: it may come again. A stream is spent, and so is what was cancelled. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }
}

function spentReply(id: Id): NegotiatedReply<string> {
  return {
    type: 'reply',
    dialect: 'negotiated',
    id,
    body: JSON.stringify({
      status: 'error',
      message:
        'This call has ended before, and its answer is not kept. It was not run again: ' +
        'give a call that is to run again an id of its own.',
    }),
    headers: { status: 'error', type: 'json' },
  };
}
