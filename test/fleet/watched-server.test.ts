import { FreelanceError } from '../../lib/core/freelance-error.js';
import { Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { CallMeter } from '../../lib/agents/call-meter.js';
import { noServerStats } from '../../lib/agents/server/server-stats.js';
import type { HealthState } from '../../lib/core/health.js';
import { NOT_ASKED_YET } from '../../lib/fleet/snapshot.js';
import { type ObservingClient, WatchedServer } from '../../lib/fleet/watched-server.js';
import { NO_MESSAGE_HANDLER } from '../../lib/nest/server/nest-words.js';

const failedAtOne = (error: unknown) =>
  new FreelanceError('BROADCAST', '1 of 1 servers failed', [], {
    failed: [{ endpoint: 'tcp://one:1', reason: 'it did', error }],
  });

/** A server behind a client, both played by the test. */
class Played {
  state: HealthState = 'alive';
  now = 0;
  startedAt = -60_000;
  readonly meter = new CallMeter<'HANDLER'>();
  /** The questions that are open, and those that were. */
  readonly questions: Subject<unknown>[] = [];
  readonly asked: unknown[] = [];
  readonly server: WatchedServer;

  constructor(intervalMs = 1000) {
    this.server = new WatchedServer(
      {
        connect: () => Promise.reject(new Error('nobody is there')),
        close: () => undefined,
        on: () => () => undefined,
        stats: () => ({ endpoints: { 'tcp://one:1': { state: this.state } } }),
        send: (_: string, record: unknown) => {
          this.asked.push(record);
          const question = new Subject<unknown>();
          this.questions.push(question);
          return question;
        },
      } as unknown as ObservingClient,
      intervalMs,
      () => this.now,
    );
  }

  ask(): Subject<unknown> | undefined {
    const before = this.questions.length;
    this.server.ask();
    return this.questions[before];
  }

  asksAndHears(answer: unknown = this.answer()): void {
    const question = this.ask();
    question?.next(answer);
    question?.complete();
  }

  answer(): unknown {
    const stats = {
      ...noServerStats(),
      ...this.meter.stats(),
      patterns: { sum: this.meter.stats() },
    };
    return { id: 'one', at: this.now, uptimeMs: this.now - this.startedAt, state: 'ready', stats };
  }

  serves(calls: number): void {
    for (let call = 0; call < calls; call++) {
      this.meter.began();
      this.meter.answered(2);
    }
  }
}

describe('a watched server', () => {
  test('has rates from the second answer on, and those of its patterns', () => {
    const played = new Played();
    played.serves(1000);
    played.asksAndHears();
    expect(played.server.report).toMatchObject({
      noStats: undefined,
      flow: { callsPerSecond: 0, measured: 0, overMs: 0 },
    });
    played.now += 2000;
    played.serves(30);
    played.asksAndHears();
    const { flow, patterns } = played.server.report;
    expect(flow).toMatchObject({ callsPerSecond: 15, measured: 30, overMs: 2000 });
    expect(patterns).toMatchObject([{ pattern: 'sum', calls: 1030, flow: { callsPerSecond: 15 } }]);
  });

  test('keeps its rates if it repeats itself: it is asked by several at once', () => {
    const played = new Played();
    played.asksAndHears();
    played.now += 1000;
    played.serves(30);
    const answer = played.answer();
    played.asksAndHears(answer);
    played.now += 5;
    played.asksAndHears(answer);
    expect(played.server.report.flow.callsPerSecond).toBe(30);
  });

  test('is asked alone, as an unready one has to be', () => {
    const played = new Played();
    played.ask();
    expect(played.asked).toMatchObject([{ options: { broadcast: true, timeout: 1000 } }]);
    played.questions[0]?.error(failedAtOne(NO_MESSAGE_HANDLER));
    expect(played.server.report.noStats).toMatch('introspection');
    played.server.lost();
    played.asksAndHears();
    played.ask()?.error(failedAtOne(new FreelanceError('ETIMEDOUT', 'no answer')));
    expect(played.server.report).toMatchObject({ noStats: undefined, reading: { id: 'one' } });
  });

  test('has a second to answer, however often it is asked: a busy machine is no faster for that', () => {
    const played = new Played(100);
    played.ask();
    expect(played.asked).toMatchObject([{ options: { timeout: 1000 } }]);
  });

  test('is not asked again before it has answered', () => {
    const played = new Played();
    const question = played.ask();
    expect(played.ask()).toBeUndefined();
    question?.error(new FreelanceError('ETIMEDOUT', 'no answer'));
    expect(played.ask()).toBeDefined();
  });

  test.each(['connecting', 'draining', 'dead'] as const)('is not asked while it is %s', (state) => {
    const played = new Played();
    played.state = state;
    expect(played.ask()).toBeUndefined();
  });

  test('that hangs keeps what it said last, marked with its age', () => {
    const played = new Played();
    played.serves(5);
    played.asksAndHears();
    played.now += 1200;
    expect(played.server.report.staleMs).toBeUndefined();
    played.ask()?.error(new FreelanceError('ETIMEDOUT', 'no answer'));
    played.now += 2000;
    expect(played.server.report).toMatchObject({
      staleMs: 3200,
      noStats: undefined,
      reading: { total: { calls: 5 } },
    });
    played.asksAndHears();
    expect(played.server.report.staleMs).toBeUndefined();
  });

  test('that was restarted has no rates of before, and none that are negative', () => {
    const played = new Played();
    played.serves(1000);
    played.asksAndHears();
    played.server.lost();
    expect(played.server.report).toMatchObject({ reading: undefined, noStats: NOT_ASKED_YET });
    const again = new Played();
    again.now = played.now + 1000;
    again.startedAt = again.now - 100;
    played.asksAndHears(again.answer());
    expect(played.server.report.flow.callsPerSecond).toBe(0);
  });

  test('has no rates between answers of two runs', () => {
    const played = new Played();
    played.asksAndHears();
    played.now += 1000;
    played.startedAt = played.now - 500;
    played.serves(70);
    played.asksAndHears();
    expect(played.server.report.flow).toMatchObject({ callsPerSecond: 0, overMs: 0 });
    expect(played.server.report.patterns).toMatchObject([{ calls: 70, flow: { measured: 0 } }]);
  });

  test('that offers no statistics is not asked again until it was lost: each question is an error there', () => {
    const played = new Played();
    played.ask()?.error(NO_MESSAGE_HANDLER);
    expect(played.server.report.noStats).toMatch('introspection');
    expect(played.ask()).toBeUndefined();
    played.server.lost();
    expect(played.ask()).toBeDefined();
  });

  test('that answers something else says so', () => {
    const played = new Played();
    played.asksAndHears('pong');
    expect(played.server.report.noStats).toMatch('makes no sense');
    played.ask()?.error({ status: 'error', message: 'not\u001B[2J for you' });
    expect(played.server.report.noStats).toBe('it refuses them: not\\u{1b}[2J for you');
  });

  test('leaves no question open when it is closed', () => {
    const played = new Played();
    const question = played.ask();
    expect(question?.observed).toBe(true);
    played.server.close();
    expect(question?.observed).toBe(false);
  });
});
