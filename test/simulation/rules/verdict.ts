/** Rules that hold in every world, whatever happens in it. */
export type Rule =
  /** A call ends exactly once, and nothing follows. */
  | 'ends once'
  /** No call stays open. */
  | 'ends'
  /** Nobody waits for the rest of a stream that no server runs any more. */
  | 'no stranded reader'
  /** A call ends by its deadline, and soon after its last attempt. */
  | 'in time'
  /** A caller gets the answer to its own call. */
  | 'own answer'
  /** The values of a stream arrive in order, once each, all of them. */
  | 'in order'
  /** A non-idempotent call runs at most once over all servers. */
  | 'at most once'
  /** A handler declared at most once does not run twice for one call on any servers, idempotent or not. */
  | 'runs once'
  /** A server that may still run a call does not receive it again. */
  | 'not resent there'
  /** A call runs at most `maxAttempts` times, plus once per hedge. */
  | 'attempts'
  /** An error that says that a call did not run is right, and every error has an explanation. */
  | 'honest errors'
  /** A server never runs what was sent to its former process. */
  | 'no ghosts'
  /** Nothing starts or continues to run when nobody waits for it. */
  | 'no orphaned work'
  /** Open calls, attempts in flight and unread values stay within their bounds. */
  | 'bounds'
  /** Stats of the agents are true. */
  | 'stats'
  /** Late messages of an earlier connection are not attributed to the current one. */
  | 'no stale messages'
  /** Once nothing is wrong any more, calls succeed. */
  | 'recovers'
  /** A call that waits for servers to return is not refused while it has time left. */
  | 'keeps waiting'
  /** A server that fails its calls at once gets no more of them for it. */
  | 'fair share'
  /** Clients do not reconnect all at once. */
  | 'no herds'
  /** A server that is told to stop leaves within the given time. */
  | 'leaves'
  /** If servers only come and go in an orderly way, no call fails, and none runs twice. */
  | 'nothing lost'
  /** Nothing closed has timers or connections left. */
  | 'clean exit'
  /** No peer sends what the other cannot decode. */
  | 'understood'
  /** Agents do not throw into the event loop. */
  | 'never throws';

export interface Violation {
  readonly rule: Rule;
  readonly at: number;
  readonly what: string;
}

/** Violations of the rules. The first one is the one to investigate: others may follow from it. */
export class Verdict {
  readonly violations: Violation[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get isGuilty(): boolean {
    return this.violations.length > 0;
  }

  broken(rule: Rule, what: string): void {
    this.violations.push({ rule, at: this.#now(), what });
  }
}
