import { describe, expect, test } from 'vitest';
import { A, B, ClientBench, type CallOptions } from '../../support/client-bench.js';

const NAMING = { atMostOnce: ['charge'] } as const;
const CHARGE: CallOptions = { pattern: 'charge', idempotent: true, requestTimeout: 300 };

/** Servers of which these name the pattern. */
function bench(naming: string[], plain: string[] = [], options = {}): ClientBench {
  const made = new ClientBench({ endpoints: [...naming, ...plain], ...options });
  for (const endpoint of naming) made.server(endpoint).accept().pong('negotiated', NAMING);
  made.up(...plain);
  return made;
}

/** Which of them have been sent something, with the headers that say so. */
function sent(made: ClientBench, ...endpoints: string[]) {
  return endpoints.flatMap((endpoint) =>
    made
      .server(endpoint)
      .requests()
      .map((request) => ({
        endpoint,
        mayHaveRun: request.dialect === 'negotiated' && request.headers.mayHaveRun === true,
      })),
  );
}

function refuse(made: ClientBench, endpoint: string, reason: string): void {
  const server = made.server(endpoint);
  for (const request of server.requests()) server.reply(request, { reason }, 'refused');
}

describe('a pattern that a server names', () => {
  test.each([
    ['its server is lost', (made: ClientBench) => made.server(A).lost(), 'ECONNRESET'],
    ['it has no answer in time', (made: ClientBench) => made.beat(300, A, B), 'ETIMEDOUT'],
  ])('is not sent again, though idempotent, when %s', (_, happens, code) => {
    const made = bench([A, B]);
    const call = made.call(CHARGE);
    happens(made);
    expect(sent(made, B)).toEqual([]);
    expect(call.ends).toMatchObject([{ code, mayHaveRun: 1 }]);
  });

  test('is at most once at all servers of the pool, also at those that do not name it', () => {
    const made = bench([B], [A]);
    const call = made.call({ ...CHARGE, data: 'first to the plain one' });
    const asked = sent(made, A, B);
    expect(asked).toHaveLength(1);
    made.server(asked[0]?.endpoint === A ? A : B).lost();
    expect(sent(made, A, B)).toEqual([]);
    expect(call.code).toBe('ECONNRESET');
  });

  test('remains so when its server has gone', () => {
    const made = bench([A], [B]);
    made.server(A).lost();
    const call = made.call(CHARGE);
    expect(sent(made, B)).toHaveLength(1);
    made.server(B).lost();
    expect(call.code).toBe('ECONNRESET');
  });

  test('is not hedged, nor rescued from a silent server', () => {
    const made = bench([A, B]);
    made.call({ ...CHARGE, requestTimeout: 60_000, hedge: { after: 0, max: 1 } });
    made.beat(2900, B);
    expect(sent(made, A, B)).toHaveLength(1);
  });

  test('moves as ever where it did not run: refused, or not taken by the connection', () => {
    const made = bench([A, B]);
    made.sockets.to(A).takes = false;
    made.call({ ...CHARGE, idempotent: false });
    made.sockets.to(A).undelivered();
    expect(sent(made, B)).toEqual([{ endpoint: B, mayHaveRun: false }]);
    const other = bench([A, B]);
    other.call(CHARGE);
    refuse(other, A, 'busy');
    expect(sent(other, B)).toEqual([{ endpoint: B, mayHaveRun: false }]);
  });

  test('may be all there are, once a server names too many', () => {
    const made = new ClientBench();
    for (const endpoint of [A, B])
      made.server(endpoint).accept().pong('negotiated', { atMostOnce: true });
    const call = made.call({ pattern: 'anything' });
    made.server(A).lost();
    expect(call.code).toBe('ECONNRESET');
  });

  test('events likewise', () => {
    const made = bench([A, B]);
    const call = made.call({ ...CHARGE, kind: 'event' });
    expect(made.server(A).told()).toHaveLength(1);
    made.server(A).lost();
    expect(made.server(B).told()).toEqual([]);
    expect(call.code).toBe('ECONNRESET');
  });
});

describe('a server that does not name it had it first', () => {
  test('the next one is told that it may have run, refuses, and the call ends with the earlier failure', () => {
    const made = bench([], [A, B]);
    const call = made.call({ ...CHARGE, maxAttempts: 5 });
    made.server(A).lost();
    refuse(made, B, 'may-have-run');
    expect(call.ends).toMatchObject([
      {
        code: 'ECONNRESET',
        mayHaveRun: 1,
        attempts: [{ endpoint: A }, { endpoint: B, outcome: 'refused: may-have-run' }],
      },
    ]);
    expect(sent(made, B)).toEqual([]);
  });

  test('an attempt that is still open may answer', () => {
    const made = bench([], [A, B]);
    const call = made.call({ ...CHARGE, requestTimeout: 5000, hedge: { after: 100, max: 1 } });
    made.beat(100, A, B);
    refuse(made, B, 'may-have-run');
    expect(call.ends).toEqual([]);
    const server = made.server(A);
    for (const request of server.requests()) server.reply(request, 'charged');
    expect(call).toMatchObject({ values: ['charged'], ends: ['complete'] });
  });

  test('if that is refused after all, it did not run: the call goes on as a first attempt', () => {
    const made = bench([], [A, B]);
    const call = made.call({ ...CHARGE, requestTimeout: 5000, hedge: { after: 100, max: 1 } });
    made.beat(100, A, B);
    refuse(made, B, 'may-have-run');
    refuse(made, A, 'busy');
    expect(sent(made, B)).toEqual([{ endpoint: B, mayHaveRun: false }]);
    expect(call.ends).toEqual([]);
  });

  test('the client keeps what it was told for calls to come', () => {
    const made = bench([], [A, B]);
    made.call({ ...CHARGE, requestTimeout: 5000, hedge: { after: 100, max: 1 } });
    made.beat(100, A, B);
    refuse(made, B, 'may-have-run');
    sent(made, A, B);
    made.call({ ...CHARGE, hedge: { after: 0, max: 1 } });
    expect(sent(made, A, B)).toHaveLength(1);
  });
});

test('a server that refuses a first attempt as one that may have run is nonsense, and not asked for ever', () => {
  const made = bench([], [A]);
  const call = made.call(CHARGE);
  refuse(made, A, 'may-have-run');
  made.beat(200, A);
  refuse(made, A, 'may-have-run');
  expect(call.code).toBe('OVERLOADED');
});
