/** What must hold in every world, whatever happens to it. */
export type Rule =
  /** A call ends exactly once, and says nothing afterwards. */
  | 'ends once'
  /** No call stays open. */
  | 'ends'
  /** Nobody waits for the rest of a stream that no server runs any more. */
  | 'not in vain'
  /** A call ends by its deadline, and soon after its last attempt. */
  | 'in time'
  /** What a caller gets answers what it asked. */
  | 'own answer'
  /** The values of a stream come in order, each once, all of them. */
  | 'in order'
  /** A call that is not idempotent runs at most once, over all servers. */
  | 'at most once'
  /** What a server declares at most once does not run twice for one call, there and elsewhere, idempotent or not. */
  | 'runs once'
  /** A server that may still run a call is not sent it again. */
  | 'never again there'
  /** A call runs at most `maxAttempts` times, and once more for each of its hedges. */
  | 'attempts'
  /** An error that says that a call did not run tells the truth, and no error goes unexplained. */
  | 'honest errors'
  /** A server never runs what was sent to its former self. */
  | 'no ghosts'
  /** Nothing starts to run, or goes on running, for which nobody waits. */
  | 'no work for nobody'
  /** No more is open, under way or unread than the bounds say. */
  | 'bounds'
  /** What the agents say of themselves is what they do. */
  | 'stats'
  /** What an earlier connection still says is not taken for what this one says. */
  | 'no stale news'
  /** Once nothing is wrong any more, calls succeed. */
  | 'recovers'
  /** A call that waits for servers to return is not turned away while it has time left. */
  | 'waits on'
  /** A server that fails its calls at once gets no more of them for it. */
  | 'fair share'
  /** Clients do not return all at once. */
  | 'no herds'
  /** A server that is told to stop leaves within the time that it is given. */
  | 'leaves'
  /** Where servers only come and go as they should, no call fails, and none runs twice. */
  | 'nothing lost'
  /** What was closed has no timers and no connections left. */
  | 'clean exit'
  /** No peer says what the other one cannot understand. */
  | 'plain words'
  /** Agents do not throw at the event loop. */
  | 'never throws';

export interface Violation {
  readonly rule: Rule;
  readonly at: number;
  readonly what: string;
}

/** What was found wrong. The first violation is the one to understand: others may follow from it. */
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
