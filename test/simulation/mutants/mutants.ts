import type { Engine } from '../network/engines.js';
import type { Rule } from '../rules/verdict.js';

/** A bug on purpose: the text of a source file, found once, and what stands there instead. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A build with a bug in it, and the rule that has to find it. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly caughtBy: Rule;
  /** Of which scenario; 'anything' if not told. */
  readonly scenario?: string;
  /** In worlds of this engine alone, where the bug is of something that the other one does not need. */
  readonly engine?: Engine;
  /** Where the hunt begins, for a bug that few worlds bring up. 1 if not told. */
  readonly firstSeed?: number;
}

/** With these sockets alone nothing goes wrong: the client does not listen to earlier connections. */
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
  file: 'lib/core/health.ts',
  find: `return reconnect(
        health.state === 'dead'
          ? probing(health.because, health.refuses)
          : probing('it does not answer'),
      );`,
  replace: 'return stay({ ...health, trialAt: Infinity, probeAt: Infinity });',
};

export const mutants: readonly Mutant[] = [
  {
    name: 'a server that fails at once counts as idle',
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
    name: 'a server that fails at once counts as quick',
    edits: [
      {
        file: 'lib/agents/client/server-link.ts',
        find: 'this.respondedByFailing(now - attempt.sentAt, now);',
        replace: 'this.responded(now - attempt.sentAt, now);',
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
    name: 'a call that waited for servers to return is turned away as any other',
    edits: [
      {
        file: 'lib/agents/client/dispatcher.ts',
        find: `if (call.isBacklog) {
      this.#waiting.refused(call, now);`,
        replace: `if (false) {
      this.#waiting.refused(call, now);`,
      },
    ],
    caughtBy: 'waits on',
    scenario: 'comeback',
  },
  {
    name: 'a server forgets with a client what it lost to it',
    edits: [
      {
        file: 'lib/agents/server/sessions.ts',
        find: '    if (session.hasLost && !session.isDisconnected) this.#rememberLoss(key);\n',
        replace: '',
      },
    ],
    caughtBy: 'not in vain',
    scenario: 'standstill',
  },
  {
    name: 'a CANCEL is lost: the client sends none',
    edits: [
      {
        file: 'lib/agents/client/server-link.ts',
        find: "if (this.#tongue.can('cancel')) this.#line?.send(",
        replace: "if (!this.#tongue.can('cancel')) this.#line?.send(",
      },
    ],
    caughtBy: 'no work for nobody',
  },
  {
    name: 'a CANCEL is lost: the server does not heed it',
    edits: [
      {
        file: 'lib/agents/server/server-agent.ts',
        find: 'return this.#jobOf(peer, message.id)?.abandon();',
        replace: 'return;',
      },
    ],
    caughtBy: 'no work for nobody',
  },
  {
    name: 'the server does not look for the clients that it has lost',
    edits: [
      {
        file: 'lib/agents/server/server-agent.ts',
        find: 'if (!peer) return this.#lookout.lost();',
        replace: 'if (!peer) return;',
      },
    ],
    caughtBy: 'no work for nobody',
    scenario: 'deaths',
  },
  {
    name: 'the server is told whom it has lost, and does not stop its work',
    edits: [
      {
        file: 'lib/agents/server/server-agent.ts',
        find: 'this.#undelivered += this.#sessions.lost(peer, this.#now());',
        replace: '',
      },
    ],
    caughtBy: 'no work for nobody',
    scenario: 'deaths',
  },
  {
    name: 'the server forgets whom it has lost, and runs what was sent before',
    edits: [
      {
        file: 'lib/agents/server/server-agent.ts',
        find: 'this.#sessions.find(peer)?.abandonAll();',
        replace: 'this.#sessions.end(peer, this.#now());',
      },
    ],
    caughtBy: 'no work for nobody',
    scenario: 'pauses',
  },
  {
    name: 'a server that is closed by a handler goes on with the pack that called it',
    edits: [
      {
        file: 'lib/agents/server/server-agent.ts',
        find: 'if (this.#isClosed || !this.#isHeard(peer)) return;',
        replace: 'if (!this.#isHeard(peer)) return;',
      },
    ],
    caughtBy: 'no work for nobody',
    scenario: 'meddlers',
  },
  {
    name: 'the server runs calls whose deadline has passed',
    edits: [
      {
        file: 'lib/agents/server/intake.ts',
        find: 'if (request.remaining() > 0) return request;',
        replace: 'return request;',
      },
    ],
    caughtBy: 'no work for nobody',
    scenario: 'blinks',
  },
  {
    name: 'double completion: an event that was accepted is complete twice',
    edits: [
      {
        file: 'lib/agents/client/dispatcher.ts',
        find: `    link.settle(attempt);
    this.#end(call);
    call.observer.complete();`,
        replace: `    link.settle(attempt);
    this.#end(call);
    call.observer.complete();
    call.observer.complete();`,
      },
    ],
    caughtBy: 'ends once',
  },
  {
    name: 'double completion: an answer is delivered though its news had the client closed',
    edits: [
      {
        file: 'lib/agents/client/dispatcher.ts',
        find: `    // Who hears that a server is well again may close the client.
    if (call.isDone) return;`,
        replace: '',
      },
    ],
    caughtBy: 'ends once',
    scenario: 'meddlers',
  },
  {
    name: 'a call whose attempt is late goes to the server that has it',
    edits: [
      {
        file: 'lib/agents/client/experience.ts',
        find: 'return this.#triedAt.has(link.endpoint);',
        replace: 'return false;',
      },
    ],
    caughtBy: 'never again there',
    scenario: 'blinks',
  },
  {
    name: 'a call that is not idempotent is retried after it was sent',
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
    name: 'a server runs what may have run, though it is at most once',
    edits: [
      {
        file: 'lib/agents/server/intake.ts',
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
    name: 'a client does not heed what a server has declared at most once',
    edits: [
      {
        file: 'lib/agents/client/call.ts',
        find: 'return this.request.idempotent && !this.#owner.isAtMostOnce(this.request.pattern);',
        replace: 'return this.request.idempotent;',
      },
    ],
    caughtBy: 'runs once',
    scenario: 'once',
  },
  {
    name: 'an error does not count a server that was lost among those that may have run the call',
    edits: [
      {
        file: 'lib/agents/client/call.ts',
        find: "if (failure === 'lost') experience.losses++;",
        replace: "if (failure === 'lost') { experience.losses++; this.handedOver--; }",
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
    name: 'stale transition: what earlier connections say is heard',
    edits: [
      ...talkativeSockets,
      {
        file: 'lib/agents/client/line.ts',
        find: `        if (!this.#isOpen) return;
        this.#isOpen = false;`,
        replace: '',
      },
      {
        file: 'lib/agents/client/line.ts',
        find: `    // The message before may have ended the connection.
    if (!this.#isOpen) return;`,
        replace: '',
      },
    ],
    caughtBy: 'no stale news',
  },
  {
    name: 'unbounded queue: maxPending does not count',
    edits: [
      {
        file: 'lib/agents/client/client-agent.ts',
        find: 'return open + calls <= this.#options.maxPending;',
        replace: 'return open + calls <= Infinity;',
      },
    ],
    caughtBy: 'bounds',
  },
  {
    name: 'a broadcast counts as one call, however many servers there are',
    edits: [
      {
        file: 'lib/agents/client/client-agent.ts',
        find: 'links.filter(({ isLost }) => !isLost).length',
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
    name: 'ghosts: sockets keep what was meant for a dead server',
    edits: [],
    caughtBy: 'no ghosts',
    scenario: 'hoarding',
  },
  {
    name: 'lost credit: the client grants none',
    edits: [
      {
        file: 'lib/agents/client/server-link.ts',
        find: "if (values === 0 || !this.#tongue.can('stream')) return;",
        replace: "if (values >= 0 || !this.#tongue.can('stream')) return;",
      },
    ],
    caughtBy: 'ends',
  },
  {
    name: 'the server heeds no credit',
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
    name: 'a dead server is not probed, and callers are told that nobody is there',
    edits: [neverProbing],
    caughtBy: 'honest errors',
  },
  {
    name: 'a client that is closed by a listener keeps its timer',
    edits: [
      {
        file: 'lib/agents/agenda.ts',
        find: 'this.#isStopped = true;',
        replace: '',
      },
    ],
    caughtBy: 'clean exit',
    scenario: 'meddlers',
  },
  {
    name: 'a call that has ended is counted as open',
    edits: [
      {
        file: 'lib/agents/client/dispatcher.ts',
        find: 'this.#open.remove(call);',
        replace: '',
      },
    ],
    caughtBy: 'stats',
  },
  {
    name: 'a server that drains does not wait for the calls that wait',
    edits: [
      {
        file: 'lib/agents/server/workload.ts',
        find: 'return this.running + this.queued > this.#lingering;',
        replace: 'return this.running > this.#lingering + 1;',
      },
    ],
    caughtBy: 'nothing lost',
    scenario: 'rolling',
  },
  {
    name: 'a server that drains leaves before its clients have heard of it',
    edits: [
      {
        file: 'lib/agents/server/departure.ts',
        find: 'if (now < this.#answersBy && sessions.some((session) => session.owesGoodbye))',
        replace: 'if (now < -1)',
      },
    ],
    caughtBy: 'nothing lost',
    scenario: 'rolling',
  },
  {
    name: 'a server that drains does not ask whether its last answers were read',
    edits: [
      {
        file: 'lib/agents/server/departure.ts',
        find: 'session.answersGoodbye && session.hasNews',
        replace: 'session.answersGoodbye && session.hasNews === undefined',
      },
    ],
    caughtBy: 'nothing lost',
    scenario: 'rolling',
  },
  {
    name: 'a server that drains turns calls away and does not say so',
    edits: [
      {
        file: 'lib/agents/server/intake.ts',
        find: 'session.send(refusal(id, reason, text));\n  }',
        replace: "if (reason !== 'draining') session.send(refusal(id, reason, text));\n  }",
      },
    ],
    caughtBy: 'nothing lost',
    scenario: 'rolling',
  },
  {
    name: 'a server that drains waits for its handlers however long they take',
    edits: [
      {
        file: 'lib/agents/server/departure.ts',
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
    name: 'a hedge that has lost goes on',
    edits: [
      {
        file: 'lib/agents/client/hedges.ts',
        find: 'loser.link.outrun(loser, now);',
        replace: 'loser.link.settle(loser);',
      },
    ],
    caughtBy: 'no work for nobody',
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
    name: 'maxConcurrency is heeded for those that wait only',
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
    name: 'a job that waited and was given up keeps its place in the queue',
    edits: [
      {
        file: 'lib/agents/server/workload.ts',
        find: 'else this.#admission.withdraw(job, this.#clock.now());',
        replace: 'else void 0;',
      },
    ],
    caughtBy: 'no work for nobody',
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
    name: 'a call that comes again while it runs runs twice',
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
    caughtBy: 'not in vain',
    scenario: 'overflow',
  },
  {
    name: 'a client that is gone is looked for once, before what it had said is heard',
    edits: [
      {
        file: 'lib/agents/server/server-agent.ts',
        find: 'this.#lookout.heardLate(session);',
        replace: '',
      },
    ],
    caughtBy: 'no work for nobody',
    scenario: 'resets',
    engine: 'libzmq',
    firstSeed: 201,
  },
];
