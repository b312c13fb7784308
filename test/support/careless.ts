import type { ServerCall } from '../../lib/agents/server/server-call.js';
import type { ServerRequest } from '../../lib/agents/server/read-request.js';
import type { PacketCodec } from '../../lib/nest/packet-codec.js';
import type { HandlerRunnerDeps } from '../../lib/nest/server/handler-runner.js';
import { TimedCodec } from '../../lib/nest/server/timed-codec.js';
import type { FreelanceContext } from '../../lib/nest/server/freelance-context.js';

/** A call at a server without sockets that records what is told of it. */
export class FakeCall {
  readonly said: unknown[][] = [];
  isWanted = true;
  isOpen = true;
  readonly signal = new AbortController().signal;
  /** Called when nobody waits for it any more. */
  stop = () => {};

  readonly request: ServerRequest;

  constructor(pattern: ServerRequest['pattern'] = 'p', data: unknown = 'data') {
    this.request = {
      pattern,
      data,
      metadata: {},
      attempt: 1,
      mayHaveRun: false,
      clientId: undefined,
      peer: undefined,
      arrivedAt: 0,
      deadlineAt: Infinity,
      remaining: () => Infinity,
    };
  }

  readonly handlerBegan = () => void this.said.push(['began']);
  readonly handlerEnded = () => void this.said.push(['ended']);
  readonly next = (body: { content: unknown }) => void this.said.push(['next', body.content]);
  readonly last = (body: { content: unknown }) => void this.said.push(['last', body.content]);
  readonly complete = () => void this.said.push(['complete']);
  readonly error = (error: unknown) => void this.said.push(['error', error]);
  readonly fail = (error: unknown) => void this.said.push(['fail', error]);
  readonly untilOpen = () => Promise.resolve();
  readonly whenAbandoned = (stop: () => void) => void (this.stop = stop);

  asServerCall(): ServerCall {
    return this as unknown as ServerCall;
  }
}

/** The Nest server that a runner needs; records log lines and hook calls. */
export function fakeHost(handler?: (data: unknown, context: FreelanceContext) => unknown) {
  const logged: unknown[][] = [];
  const told: string[] = [];
  const host: HandlerRunnerDeps = {
    server: { id: 'server-1', endpoints: [] },
    logger: {
      error: (kind, what) => void logged.push(['error', kind, what]),
      warn: (kind, what) => void logged.push(['warn', kind, what]),
      debug: (kind, what) => void logged.push(['debug', kind, what]),
    },
    start: (_context, run) => (told.push('start'), run()),
    end: () => void told.push('end'),
    isAtMostOnce: () => false,
    has: () => true,
    find: () => handler as ReturnType<HandlerRunnerDeps['find']>,
    handleEvent: () => Promise.resolve(),
  };
  return { host, logged, told };
}

/** A codec without a time limit: no test waits that long. */
export const timed = (codec: PacketCodec): TimedCodec => new TimedCodec(codec, () => {});

export const settled = (): Promise<unknown> => new Promise(setImmediate);
