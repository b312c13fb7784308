import type { Engine } from '../network/engines.js';
import type { Rule } from '../rules/verdict.js';

/** An intentional bug: a text that occurs once in a source file, and its replacement. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A build with a bug, and the rule that must detect it. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly caughtBy: Rule;
  /** The scenario to run. @default 'anything' */
  readonly scenario?: string;
  /** The only engine to run, if the bug does not affect the other one. */
  readonly engine?: Engine;
  /** The first seed, for a bug that shows in few worlds. @default 1 */
  readonly firstSeed?: number;
}

/** These sockets alone break no rule: the client ignores earlier connections. */
export const talkativeSockets: readonly Edit[] = [
  {
    file: 'test/simulation/network/end.ts',
    find: `  #received(parcel: Parcel): void {
    if (this.isOver) return;`,
    replace: `  #received(parcel: Parcel): void {
    if (this.#state === 'lost') return;`,
  },
  {
    file: 'test/simulation/network/dealer.ts',
    find: 'if (!this.#isClosed && !this.#isLost) what();',
    replace: 'if (!this.#isLost) what();',
  },
];

const neverProbing: Edit = {
  file: 'lib/core/connectivity.ts',
  find: `return reconnect(
        before.state === 'dead'
          ? probing(before.because, before.refuses)
          : probing('it does not answer', false),
      );`,
  replace: 'return stay({ ...before, probeAt: Infinity } as Connectivity);',
};

export const mutants: readonly Mutant[] = [
  {
    name: 'a server that fails at once looks idle',
    edits: [
      {
        file: 'lib/core/balancers/p2c.ts',
        find: 'server.pending + server.failedLoad(now)',
        replace: 'server.pending',
      },
    ],
    caughtBy: 'fair share',
    scenario: 'broken',
  },
  {
    name: 'a server that fails at once looks fast',
    edits: [
      {
        file: 'lib/agents/client/attempt-effects.ts',
        find: 'this.#server.respondedByFailing(afterMs, now);',
        replace: 'this.#server.responded(afterMs, now);',
      },
    ],
    caughtBy: 'fair share',
    scenario: 'broken',
  },
  {
    name: 'a server that fails all its calls is never ejected',
    edits: [
      {
        file: 'lib/core/outlier-ejection.ts',
        find: 'if (!isOnTrial && calls < FEWEST_CALLS) return false;',
        replace: 'if (calls >= 0) return false;',
      },
    ],
    caughtBy: 'fair share',
    scenario: 'broken',
  },
  {
    name: 'a call that waited for servers to return is refused like any other',
    edits: [
      {
        file: 'lib/agents/client/call-router.ts',
        find: 'if (this.waiting.isBacklog(call)) {',
        replace: 'if (false) {',
      },
    ],
    caughtBy: 'keeps waiting',
    scenario: 'comeback',
  },
  {
    name: 'a server forgets with a client that it lost messages to it',
    edits: [
      {
        file: 'lib/agents/server/sessions.ts',
        find: '    if (session.hasLost && !session.isDisconnected) this.#rememberLoss(key);\n',
        replace: '',
      },
    ],
    caughtBy: 'no stranded reader',
    scenario: 'standstill',
  },
  {
    name: 'a CANCEL is lost: the client sends none',
    edits: [
      {
        file: 'lib/agents/client/server-link.ts',
        find: "if (connection?.profile.can('cancel')) connection.send(",
        replace: "if (!connection?.profile.can('cancel')) connection?.send(",
      },
    ],
    caughtBy: 'no orphaned work',
  },
  {
    name: 'a CANCEL is lost: the server ignores it',
    edits: [
      {
        file: 'lib/agents/server/message-router.ts',
        find: 'return clients.job(peer, message.id)?.abandon();',
        replace: 'return;',
      },
    ],
    caughtBy: 'no orphaned work',
  },
  {
    name: 'the server does not probe for lost clients',
    edits: [
      {
        file: 'lib/agents/server/server-agent.ts',
        find: 'if (!peer) return this.#prober.lost();',
        replace: 'if (!peer) return;',
      },
    ],
    caughtBy: 'no orphaned work',
    scenario: 'deaths',
  },
  {
    name: 'the server does not stop the work of a client reported lost',
    edits: [
      {
        file: 'lib/agents/server/clients.ts',
        find: 'this.#undelivered += this.sessions.lost(peer, this.#now());',
        replace: '',
      },
    ],
    caughtBy: 'no orphaned work',
    scenario: 'deaths',
  },
  {
    name: 'the server forgets a lost client and runs what it had sent before',
    edits: [
      {
        file: 'lib/agents/server/clients.ts',
        find: 'this.sessions.find(peer)?.abandonAll();',
        replace: 'this.sessions.end(peer, this.#now());',
      },
    ],
    caughtBy: 'no orphaned work',
    scenario: 'pauses',
    firstSeed: 321,
  },
  {
    name: 'a server closed by a handler continues with the pack that contained its call',
    edits: [
      {
        file: 'lib/agents/server/message-router.ts',
        find: 'if (this.#deps.isClosed() || !peer.isHeard) return;',
        replace: 'if (!peer.isHeard) return;',
      },
    ],
    caughtBy: 'no orphaned work',
    scenario: 'meddlers',
  },
  {
    name: 'the server runs calls whose deadline has passed',
    edits: [
      {
        file: 'lib/agents/server/request-admission.ts',
        find: 'if (request.remaining() > 0) return request;',
        replace: 'return request;',
      },
    ],
    caughtBy: 'no orphaned work',
    scenario: 'blinks',
  },
  {
    name: 'double completion: an accepted event completes twice',
    edits: [
      {
        file: 'lib/agents/client/dispatcher.ts',
        find: 'else notifications.complete(call);',
        replace: `else {
          notifications.complete(call);
          notifications.complete(call);
        }`,
      },
    ],
    caughtBy: 'ends once',
  },
  {
    name: 'a caller that has cancelled hears what was queued before',
    edits: [
      {
        file: 'lib/agents/client/call-notifications.ts',
        find: 'if (receiver.isHeard) receiver.observer.next(value)',
        replace: 'receiver.observer.next(value)',
      },
      {
        file: 'lib/agents/client/call-notifications.ts',
        find: 'if (receiver.isHeard) receiver.observer.complete()',
        replace: 'receiver.observer.complete()',
      },
      {
        file: 'lib/agents/client/call-notifications.ts',
        find: 'if (receiver.isHeard) receiver.observer.error(error);',
        replace: 'receiver.observer.error(error);',
      },
      {
        file: 'lib/agents/client/call-notifications.ts',
        find: 'if (receiver.isHeard) receiver.observer.error(error, judge)',
        replace: 'receiver.observer.error(error, judge)',
      },
    ],
    caughtBy: 'ends once',
    scenario: 'meddlers',
  },
  {
    name: 'a timed-out call is sent again to the server that has it',
    edits: [
      {
        file: 'lib/agents/client/retry-history.ts',
        find: 'return this.#triedAt.has(endpoint);',
        replace: 'return false;',
      },
    ],
    caughtBy: 'not resent there',
    scenario: 'blinks',
  },
  {
    name: 'a non-idempotent call is retried after it was sent',
    edits: [
      {
        file: 'lib/core/retry.ts',
        find: 'policy.idempotent && history.handedOver',
        replace: 'history.handedOver',
      },
    ],
    caughtBy: 'at most once',
  },
  {
    name: 'a server runs an at-most-once call that may have run',
    edits: [
      {
        file: 'lib/agents/server/request-admission.ts',
        find: 'if (headers.mayHaveRun && this.#isAtMostOnce(headers.pattern))',
        replace: 'if (!headers)',
      },
    ],
    caughtBy: 'runs once',
    scenario: 'once',
  },
  {
    name: 'a client does not say that a call may have run',
    edits: [
      {
        file: 'lib/agents/client/encode-attempt.ts',
        find: 'mayHaveRun: number > 1 || undefined,',
        replace: '',
      },
    ],
    caughtBy: 'runs once',
    scenario: 'once',
  },
  {
    name: 'a client ignores what a server declares at most once',
    edits: [
      {
        file: 'lib/agents/client/call.ts',
        find: 'return this.request.idempotent && !this.#listener.isAtMostOnce(this.request.pattern);',
        replace: 'return this.request.idempotent;',
      },
    ],
    caughtBy: 'runs once',
    scenario: 'once',
  },
  {
    name: 'an error does not count a lost server among those that may have run the call',
    edits: [
      {
        file: 'lib/agents/client/call.ts',
        find: "if (failure === 'lost') history.losses++;",
        replace: "if (failure === 'lost') { history.losses++; this.handedOver--; }",
      },
    ],
    caughtBy: 'honest errors',
  },
  {
    name: 'a call is retried without end',
    edits: [
      {
        file: 'lib/core/retry.ts',
        find: 'history.handedOver < policy.maxAttempts',
        replace: 'history.handedOver < Infinity',
      },
    ],
    caughtBy: 'attempts',
  },
  {
    name: 'stale transition: messages of earlier connections count',
    edits: [
      ...talkativeSockets,
      {
        file: 'lib/agents/client/server-connection.ts',
        find: `    if (this.#isOver) return;
    this.#isOver = true;`,
        replace: '',
      },
      {
        file: 'lib/agents/client/server-connection.ts',
        find: `    // The previous message of the same pack may have ended the connection.
    if (this.#isOver) return;`,
        replace: '',
      },
    ],
    caughtBy: 'no stale messages',
  },
  {
    name: 'unbounded queue: maxPending does not count',
    edits: [
      {
        file: 'lib/agents/client/call-admission.ts',
        find: 'return this.#deps.open() + calls > maxPending',
        replace: 'return this.#deps.open() + calls > Infinity',
      },
    ],
    caughtBy: 'bounds',
  },
  {
    name: 'a broadcast counts as one call, whatever the number of servers',
    edits: [
      {
        file: 'lib/agents/client/broadcasts.ts',
        find: 'links.filter(isThere).length',
        replace: '1',
      },
    ],
    caughtBy: 'bounds',
  },
  {
    name: 'no jitter: the back-off is not random',
    edits: [
      {
        file: 'lib/core/backoff.ts',
        find: 'return random() * Math.min(',
        replace: 'return random() * 0 + Math.min(',
      },
    ],
    caughtBy: 'no herds',
    scenario: 'herd',
  },
  {
    name: 'ghosts: sockets keep messages for a dead server',
    edits: [],
    caughtBy: 'no ghosts',
    scenario: 'hoarding',
  },
  {
    name: 'lost credit: the client grants none',
    edits: [
      {
        file: 'lib/agents/client/server-link.ts',
        find: "if (values > 0 && connection?.profile.can('stream'))",
        replace: "if (values < 0 && connection?.profile.can('stream'))",
      },
    ],
    caughtBy: 'ends',
  },
  {
    name: 'the server ignores credit',
    edits: [
      {
        file: 'lib/core/credit-gate.ts',
        find: 'return this.#credit > 0 && this.isEmpty;',
        replace: 'return this.isEmpty;',
      },
    ],
    caughtBy: 'bounds',
  },
  {
    name: 'a deadline does not end a call',
    edits: [
      {
        file: 'lib/agents/client/call.ts',
        find: 'this.deadlineAt = startedAt + request.timeout;',
        replace: 'this.deadlineAt = startedAt + request.timeout + 500;',
      },
    ],
    caughtBy: 'in time',
  },
  {
    name: 'a dead server is not probed',
    edits: [neverProbing],
    caughtBy: 'recovers',
  },
  {
    name: 'a dead server is not probed, and callers are told that no server is reachable',
    edits: [neverProbing],
    caughtBy: 'honest errors',
  },
  {
    name: 'a client closed by a listener keeps its timer',
    edits: [
      {
        file: 'lib/agents/scheduler.ts',
        find: 'this.#isStopped = true;',
        replace: '',
      },
    ],
    caughtBy: 'clean exit',
    scenario: 'meddlers',
  },
  {
    name: 'an ended call counts as open',
    edits: [
      {
        file: 'lib/agents/client/call-endings.ts',
        find: 'open.remove(call);',
        replace: '',
      },
    ],
    caughtBy: 'stats',
  },
  {
    name: 'a cancelled call is not counted as ended',
    edits: [
      {
        file: 'lib/agents/client/call-endings.ts',
        find: 'call.meter.cancelled();',
        replace: '',
      },
    ],
    caughtBy: 'stats',
  },
  {
    name: 'an attempt that was lost is not counted as ended',
    edits: [
      {
        file: 'lib/agents/client/attempt-meter.ts',
        find: "return meter.failed('ECONNRESET', ms);",
        replace: 'return;',
      },
    ],
    caughtBy: 'stats',
  },
  {
    name: 'an abandoned call is counted as answered, too',
    edits: [
      {
        file: 'lib/agents/server/job-measurement.ts',
        find: "case 'abandoned':",
        replace: "case 'abandoned': meter.answered(ms);",
      },
    ],
    caughtBy: 'stats',
  },
  {
    name: 'a draining server does not wait for queued calls',
    edits: [
      {
        file: 'lib/agents/server/job-queue.ts',
        find: 'return this.running + this.queued > this.#lingering;',
        replace: 'return this.running > this.#lingering + 1;',
      },
    ],
    caughtBy: 'nothing lost',
    scenario: 'rolling',
  },
  {
    name: 'a draining server leaves before its clients know',
    edits: [
      {
        file: 'lib/agents/server/drain.ts',
        find: 'if (now < this.#answersBy && sessions.some((session) => session.owesGoodbye))',
        replace: 'if (now < -1)',
      },
    ],
    caughtBy: 'nothing lost',
    scenario: 'rolling',
  },
  {
    name: 'a draining server does not ask whether its last answers were read',
    edits: [
      {
        file: 'lib/agents/server/drain.ts',
        find: 'session.answersGoodbye && session.hasNews',
        replace: 'session.answersGoodbye && session.hasNews === undefined',
      },
    ],
    caughtBy: 'nothing lost',
    scenario: 'rolling',
  },
  {
    name: 'a draining server drops calls instead of refusing them',
    edits: [
      {
        file: 'lib/agents/server/request-admission.ts',
        find: 'session.send(refusal(id, reason, text));',
        replace: "if (reason !== 'draining') session.send(refusal(id, reason, text));",
      },
    ],
    caughtBy: 'nothing lost',
    scenario: 'rolling',
  },
  {
    name: 'a draining server waits for its handlers without a limit',
    edits: [
      {
        file: 'lib/agents/server/drain.ts',
        find: 'this.#leaveBy = now + timeout;',
        replace: 'this.#leaveBy = now + 100 * timeout;',
      },
    ],
    caughtBy: 'leaves',
    scenario: 'departures',
  },
  {
    name: 'the retry budget is never spent',
    edits: [{ file: 'lib/core/retry-budget.ts', find: 'this.#taken++;', replace: '' }],
    caughtBy: 'bounds',
  },
  {
    name: 'a losing hedge keeps running',
    edits: [
      {
        file: 'lib/agents/client/hedges.ts',
        find: "loser.link.end(loser, 'outrun', now);",
        replace: "loser.link.end(loser, 'completed', now);",
      },
    ],
    caughtBy: 'no orphaned work',
  },
  {
    name: 'a call is hedged without end',
    edits: [
      {
        file: 'lib/core/hedging.ts',
        find: 'if (isHedge) this.#left--;',
        replace: '',
      },
    ],
    caughtBy: 'attempts',
  },
  {
    name: 'unbounded queue: maxQueue does not count',
    edits: [
      {
        file: 'lib/core/admission.ts',
        find: 'this.#queue.size >= maxQueue;',
        replace: 'this.#queue.size >= maxQueue + 1_000;',
      },
    ],
    caughtBy: 'bounds',
  },
  {
    name: 'maxConcurrency holds only for queued calls',
    edits: [
      {
        file: 'lib/core/admission.ts',
        find: 'if (this.#running >= this.#policy.maxConcurrency) return false;',
        replace: 'if (this.#running > this.#policy.maxConcurrency) return false;',
      },
    ],
    caughtBy: 'bounds',
  },
  {
    name: 'an abandoned job keeps its place in the queue',
    edits: [
      {
        file: 'lib/agents/server/job-queue.ts',
        find: 'else this.#admission.withdraw(job, this.#clock.now());',
        replace: 'else void 0;',
      },
    ],
    caughtBy: 'no orphaned work',
  },
  {
    name: 'maxPendingPerServer does not count',
    edits: [
      {
        file: 'lib/core/member.ts',
        find: 'return this.pending < this.capacity;',
        replace: 'return this.pending < this.capacity + 1;',
      },
    ],
    caughtBy: 'bounds',
  },
  {
    name: 'the replay window forgets',
    edits: [
      {
        file: 'lib/core/replay-window.ts',
        find: 'const forgetAt = now + this.#policy.window;',
        replace: 'const forgetAt = now + 1;',
      },
    ],
    caughtBy: 'at most once',
    scenario: 'repeating',
  },
  {
    name: 'a call repeated while it runs runs twice',
    edits: [
      {
        file: 'lib/agents/server/intake.ts',
        find: 'if (session.jobs.has(id) || this',
        replace: 'if (this',
      },
    ],
    caughtBy: 'at most once',
    scenario: 'repeating',
  },
  {
    name: 'a server does not tell a client that messages to it were lost',
    edits: [
      {
        file: 'lib/agents/server/client-session.ts',
        find: 'this.#hasLost = true;',
        replace: '',
      },
    ],
    caughtBy: 'no stranded reader',
    scenario: 'overflow',
  },
  {
    name: 'a lost client is probed once, before its last messages are read',
    edits: [
      {
        file: 'lib/agents/server/message-router.ts',
        find: 'prober.heardLate(session);',
        replace: '',
      },
    ],
    caughtBy: 'no orphaned work',
    scenario: 'resets',
    engine: 'libzmq',
    firstSeed: 201,
  },
  {
    name: 'the number of an ended call is given to the next one',
    edits: [
      {
        file: 'lib/agents/client/open-calls.ts',
        find: 'do this.#latest++;',
        replace: `this.#latest = 0;
    do this.#latest++;`,
      },
    ],
    caughtBy: 'own answer',
  },
  {
    name: 'a stream that has begun is sent again when its server is lost',
    edits: [
      {
        file: 'lib/core/retry.ts',
        find: "if (history.answered) return 'STREAM_BROKEN';",
        replace: '',
      },
    ],
    caughtBy: 'in order',
  },
  {
    name: 'a stream ends before its values that wait for credit',
    edits: [
      {
        file: 'lib/agents/server/server-call.ts',
        find: `    if (this.#gate.isEmpty) {
      this.#finish(end);`,
        replace: `    if (this.#gate) {
      this.#finish(end);`,
      },
    ],
    caughtBy: 'in order',
  },
  {
    name: 'the client grants credit of no values',
    edits: [
      {
        file: 'lib/agents/client/server-link.ts',
        find: "if (values > 0 && connection?.profile.can('stream'))",
        replace: "if (connection?.profile.can('stream'))",
      },
    ],
    caughtBy: 'understood',
  },
  {
    name: 'a server that is told to cancel a call which has ended throws',
    edits: [
      {
        file: 'lib/agents/server/message-router.ts',
        find: 'return clients.job(peer, message.id)?.abandon();',
        replace: 'return clients.job(peer, message.id).abandon();',
      },
    ],
    caughtBy: 'never throws',
  },
];
