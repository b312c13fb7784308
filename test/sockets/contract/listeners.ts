import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { Bench } from './bench.js';
import type { Harness } from './harness.js';
import { ECHO } from './peers.js';

const WORDS = Array.from({ length: 50 }, (_, i) => `word ${i}`);

/** That none is called from within another one, or from within a method, `Bench` looks after each test. */
export function listenerContract(harness: Harness): void {
  const bench = new Bench(harness);
  const { tellsEnds, namesTheLost, keepsLastWords } = harness.traits;

  test('may send', async () => {
    const server = await bench.serve(ECHO);
    const client = bench.connect(server, {
      whenReady: (it) => it.send('0'),
      whenHeard: (text, it) => Number(text) < 100 && it.send(String(Number(text) + 1)),
    });
    await bench.until(() => expect(client.events.at(-1)).toBe('100'));
    expect(client.events).toHaveLength(102);
  });

  test('may close their client when it is ready', async () => {
    const server = await bench.serve(ECHO);
    const client = bench.connect(server, {
      whenReady(it) {
        it.send('farewell');
        it.close();
      },
    });
    await bench.until(() => expect(server.texts).toEqual(['farewell']));
    await bench.place.settle();
    expect(client.events).toEqual(['ready']);
  });

  test('may close their client in the middle of its messages', async () => {
    const { server, client, peer } = await bench.pair(
      {},
      {
        whenHeard: (text, it) => text === 'word 20' && it.close(),
      },
    );
    for (const word of WORDS) server.send(peer, word);
    await bench.until(() => expect(client.events).toContain('word 20'));
    await bench.place.settle();
    expect(client.events).toEqual(['ready', ...WORDS.slice(0, 21)]);
  });

  test('may close their server in the middle of its messages', async () => {
    let isOver = false;
    const { server, client } = await bench.pair({
      whenHeard({ text }, peer, it) {
        if (text !== 'word 20') return;
        it.send(peer.key, 'last');
        void it.close().then(() => (isOver = true));
      },
    });
    for (const word of WORDS) client.send(word);
    await bench.until(() => expect(isOver).toBe(true));
    await bench.untilLost(client);
    await bench.place.settle();
    expect(server.texts).toEqual(WORDS.slice(0, 21));
    const mayBeMissing = !keepsLastWords && client.messages.length === 0;
    expect(client.messages.map(String)).toEqual(mayBeMissing ? [] : ['last']);
  });

  test.runIf(tellsEnds)('may connect again, or close, when they are lost', async () => {
    const { server, client } = await bench.pair(
      {},
      {
        whenLost: (it) => it.close(),
      },
    );
    const other = await bench.serve();
    const next: string[] = [];
    const again = await bench.connected(server, {
      whenLost: () => void bench.connect(other, { whenReady: () => next.push('ready') }),
    });
    void server.close();
    await bench.until(() => expect(next).toEqual(['ready']));
    await bench.until(() => expect(client.isLost).toBe(true));
    expect(client.events).toEqual(['ready', 'lost']);
    expect(again.events).toEqual(['ready', 'lost']);
  });

  test.runIf(tellsEnds)('may close their server when it has lost a client', async () => {
    const { server, client } = await bench.pair({ whenLost: (it) => void it.close() });
    const other = await bench.connected(server);
    client.close();
    await bench.until(() => expect(other.isLost).toBe(true));
    expect(server.lost).toHaveLength(1);
  });

  test('that throw do no harm: the error is uncaught, and the next message arrives', async () => {
    const fail = (what: string) => {
      throw new Error(what);
    };
    const thrown = await bench.place.uncaught(async () => {
      const server = await bench.serve({
        whenHeard({ text }, peer, it) {
          it.send(peer.key, `${text} again`);
          fail(`server at ${text}`);
        },
        whenLost: () => fail('server at a loss'),
      });
      const client = await bench.connected(server, {
        whenReady: () => fail('client when ready'),
        whenHeard: (text) => fail(`client at ${text}`),
        whenLost: () => fail('client at a loss'),
      });
      client.send('one');
      client.send('two');
      await bench.until(() => expect(client.events).toEqual(['ready', 'one again', 'two again']));
      const other = await bench.connected(server);
      other.close();
      await bench.untilLostBy(server, 1);
      void server.close();
      await bench.untilLost(client);
      await bench.place.settle();
    });
    const faults = thrown.map((error) => (error as Error).message);
    // Where it is not told whom it has lost, it may be told before or after the end of this.
    const told = faults.filter((fault) => namesTheLost || fault !== 'server at a loss');
    expect(told.toSorted()).toEqual(
      [
        'server at one',
        'server at two',
        ...(namesTheLost ? ['server at a loss'] : []),
        'client when ready',
        'client at one again',
        'client at two again',
        ...(tellsEnds ? ['client at a loss'] : []),
      ].toSorted(),
    );
  });

  test('are called in nobody’s async context', async () => {
    const callers = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const note = () => void seen.push(callers.getStore());
    const server = await callers.run('who binds', () => bench.serve({ ...ECHO, whenLost: note }));
    const client = callers.run('who connects', () =>
      bench.connect(server, { whenReady: note, whenHeard: note, whenLost: note }),
    );
    await bench.until(() => expect(client.isReady).toBe(true));
    callers.run('who sends', () => client.send('hello'));
    await bench.until(() => expect(client.messages).toHaveLength(1));
    callers.run('who closes', () => void server.close());
    await bench.untilLost(client);
    expect(new Set(seen)).toEqual(new Set([undefined]));
  });
}
