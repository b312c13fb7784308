import { describe, expect, test } from 'vitest';
import type { SocketFrames } from '../../../lib/sockets/socket-port.js';
import { serverListener } from '../../support/server-listener.js';
import { Chance } from '../time/chance.js';
import { Timeline } from '../time/timeline.js';
import { Process } from '../world/process.js';
import type { SimulatedDealer } from './dealer.js';
import { endpointOf } from './addresses.js';
import type { Engine } from './engines.js';
import { Network } from './network.js';

const HEARTBEATS = { interval: 100, timeout: 300 };
const SERVER = 'server';

interface BenchOptions {
  readonly jitterMs?: number;
  readonly sendQueue?: number;
  readonly engine?: Engine;
  readonly seed?: number;
}

/** A network with two programs, whose received messages are recorded. */
class Bench {
  readonly timeline = new Timeline();
  readonly network: Network;
  readonly heard: string[] = [];
  readonly #chance: Chance;
  readonly #engine: Engine;

  constructor({ jitterMs = 0, sendQueue = 100, engine = 'libzmq', seed = 1 }: BenchOptions = {}) {
    this.#chance = new Chance(seed);
    this.#engine = engine;
    const latency = () => ({ ms: 5, jitterMs });
    const traffic = { connecting() {}, sent() {}, ended() {} };
    this.network = new Network({ latency, sendQueue, traffic }, this.timeline, this.#chance);
  }

  process(name: string): Process {
    const threw = (_: Process, error: unknown) => {
      throw error;
    };
    return new Process(name, name, this.timeline, this.#chance.fork(), { acted() {}, threw });
  }

  /** A server that echoes what it hears, with the name of its process. */
  async serve(name = SERVER): Promise<Process> {
    const process = this.process(SERVER);
    const sockets = this.network.sockets(process, HEARTBEATS, this.#engine);
    let heardOf = '';
    const listener = serverListener({
      onMessage: (peer, frames) => {
        heardOf = peer.key;
        this.#note(`${name} heard ${textOf(frames)}`);
        peer.send(['', `${textOf(frames)} to you`]);
      },
      onPeerLost: (peer) =>
        this.#note(`${name} lost ${peer?.key === heardOf ? 'who has spoken' : 'a client'}`),
    });
    await sockets.bind([endpointOf(SERVER)], listener);
    return process;
  }

  connect(process = this.process('client')): SimulatedDealer {
    return this.network.sockets(process, HEARTBEATS, this.#engine).connect(endpointOf(SERVER), {
      onReady: () => this.#note('ready'),
      onMessage: (frames) => this.#note(`client heard ${textOf(frames)}`),
      onLost: (reason) => this.#note(reason),
    });
  }

  say(dealer: SimulatedDealer, ...words: string[]): void {
    for (const word of words) {
      const undelivered = () => this.#note(`${word} was not delivered`);
      this.timeline.in(0, () => dealer.send(['', word], undelivered));
    }
  }

  /** Lets time pass, and returns what was heard meanwhile. */
  async pass(ms: number): Promise<string[]> {
    await this.timeline.runUntil(this.timeline.now + ms, () => true);
    return this.heard.splice(0);
  }

  darken(...routes: [from: string, to: string][]): () => void {
    for (const [from, to] of routes) this.network.darken(from, to);
    return () => routes.forEach(([from, to]) => this.network.route(from, to).light());
  }

  #note(what: string): void {
    this.heard.push(what);
  }
}

function textOf(frames: SocketFrames): string {
  return String(frames[1]);
}

/** A client that is connected to a server. */
async function connected(options?: BenchOptions) {
  const bench = new Bench(options);
  const server = await bench.serve();
  const client = bench.process('client');
  const dealer = bench.connect(client);
  expect(await bench.pass(100)).toEqual(['ready']);
  return { bench, server, client, dealer };
}

const BOTH_WAYS: [string, string][] = [
  ['client', SERVER],
  [SERVER, 'client'],
];
const CLOSED = 'the connection was closed';
const SILENT = 'the connection fell silent';

describe('a connection', () => {
  test('is refused if nobody listens', async () => {
    const bench = new Bench();
    bench.say(bench.connect(), 'anybody');
    expect(await bench.pass(100)).toEqual([
      'anybody was not delivered',
      'the connection was refused',
    ]);
  });

  test('keeps the order of its messages, however long each takes', async () => {
    const { bench, dealer } = await connected({ jitterMs: 50 });
    bench.say(dealer, 'one', 'two', 'three');
    const heard = await bench.pass(500);
    expect(heard.filter((line) => line.startsWith(SERVER))).toEqual([
      'server heard one',
      'server heard two',
      'server heard three',
    ]);
  });

  test('closed by its client delivers what was sent, and tells the client nothing more', async () => {
    const { bench, dealer } = await connected();
    bench.say(dealer, 'farewell');
    bench.timeline.in(0, () => dealer.close());
    bench.say(dealer, 'too late');
    expect(await bench.pass(100)).toEqual([
      'too late was not delivered',
      'server heard farewell',
      'server lost a client',
    ]);
  });

  test('reset by a middlebox is lost on both sides', async () => {
    const { bench } = await connected();
    bench.network.reset('client', SERVER);
    expect(await bench.pass(100)).toEqual(['the connection was reset', 'server lost a client']);
  });
});

describe('a dark route', () => {
  test('keeps messages and delivers them in order once it is light again', async () => {
    const { bench, dealer } = await connected();
    const light = bench.darken(...BOTH_WAYS);
    bench.say(dealer, 'one', 'two');
    expect(await bench.pass(200)).toEqual([]);
    light();
    bench.say(dealer, 'three');
    expect((await bench.pass(400)).filter((line) => line.startsWith(SERVER))).toEqual([
      'server heard one',
      'server heard two',
      'server heard three',
    ]);
  });

  test('that stays dark is detected by the heartbeats of both sides', async () => {
    const { bench } = await connected({ engine: 'node' });
    bench.darken(...BOTH_WAYS);
    expect(await bench.pass(299)).toEqual([]);
    expect((await bench.pass(200)).toSorted()).toEqual(['server lost a client', SILENT]);
  });

  test('in one direction is detected by the side that hears nothing, which tells the other', async () => {
    const { bench } = await connected({ engine: 'node' });
    bench.darken([SERVER, 'client']);
    expect(await bench.pass(500)).toEqual([SILENT, 'server lost a client']);
  });

  test('is detected by a libzmq server, whose only heartbeats are those of TCP', async () => {
    const { bench } = await connected();
    bench.darken([SERVER, 'client']);
    expect(await bench.pass(500)).toEqual(['server lost a client']);
  });
});

describe('a process', () => {
  test('that is killed ends its connections, and hears nothing more', async () => {
    const { bench, server, dealer } = await connected();
    bench.say(dealer, 'hello');
    server.kill();
    bench.network.died(server);
    expect(await bench.pass(100)).toEqual([CLOSED]);
    bench.say(dealer, 'anybody');
    expect(await bench.pass(100)).toEqual(['anybody was not delivered']);
  });

  test('that replaces a killed one hears nothing that was meant for that one', async () => {
    const { bench, server, dealer } = await connected();
    bench.say(dealer, 'for the first');
    server.kill();
    bench.network.died(server);
    await bench.serve('second');
    expect(await bench.pass(100)).toEqual([CLOSED]);
    const next = bench.connect();
    await bench.pass(100);
    bench.say(next, 'for the second');
    expect(await bench.pass(100)).toEqual([
      'second heard for the second',
      'client heard for the second to you',
    ]);
  });

  test('with a blocked event loop hears everything later, and is not taken for dead', async () => {
    const { bench, server, dealer } = await connected();
    server.block();
    bench.say(dealer, 'hello');
    expect(await bench.pass(1000)).toEqual([]);
    server.unblock();
    expect(await bench.pass(100)).toEqual(['server heard hello', 'client heard hello to you']);
  });

  test('with a blocked event loop and no I/O threads is taken for dead, and hears its last messages before the loss', async () => {
    const { bench, server, dealer } = await connected({ engine: 'node' });
    bench.say(dealer, 'hello');
    await bench.pass(100);
    server.block();
    bench.network.paused(server);
    bench.say(dealer, 'anybody');
    expect(await bench.pass(500)).toEqual([SILENT]);
    server.unblock();
    expect(await bench.pass(100)).toEqual(['server heard anybody', 'server lost who has spoken']);
  });

  test('with libzmq may lose unread messages when its connection ends', async () => {
    const heard = new Set<string>();
    for (let seed = 1; seed < 20; seed++) {
      const { bench, client, dealer } = await connected({ seed });
      bench.say(dealer, 'hello', 'again');
      bench.timeline.in(1, () => client.block());
      bench.timeline.in(50, () => bench.network.reset('client', SERVER));
      await bench.pass(100);
      client.unblock();
      heard.add((await bench.pass(100)).join());
    }
    expect(heard).toEqual(
      new Set([
        'the connection was reset',
        'client heard hello to you,client heard again to you,the connection was reset',
      ]),
    );
  });

  test('that is stopped briefly hears everything later', async () => {
    const { bench, server, dealer } = await connected();
    server.stop();
    bench.network.paused(server);
    bench.say(dealer, 'hello');
    expect(await bench.pass(250)).toEqual([]);
    server.continue();
    expect(await bench.pass(100)).toEqual(['server heard hello', 'client heard hello to you']);
  });

  test('that stays stopped is taken for dead, and learns that when it continues', async () => {
    const { bench, server } = await connected({ engine: 'node' });
    server.stop();
    bench.network.paused(server);
    expect(await bench.pass(500)).toEqual([SILENT]);
    server.continue();
    expect(await bench.pass(100)).toEqual(['server lost a client']);
  });

  test('runs overdue timers before it reads what arrived meanwhile', async () => {
    const { bench, server, dealer } = await connected();
    server.clock.after(10, () => bench.heard.push('timer'));
    server.block();
    bench.say(dealer, 'hello');
    await bench.pass(100);
    server.unblock();
    expect(await bench.pass(4)).toEqual(['timer', 'server heard hello']);
  });
});

describe('a server', () => {
  test('learns what it could not deliver to a client that does not read', async () => {
    const bench = new Bench({ sendQueue: 2 });
    const undelivered: string[] = [];
    const listener = serverListener({
      onMessage(peer) {
        for (const word of ['one', 'two', 'three']) {
          peer.send(['', word], () => undelivered.push(word));
        }
      },
    });
    await bench.network
      .sockets(bench.process(SERVER), HEARTBEATS)
      .bind([endpointOf(SERVER)], listener);
    const client = bench.process('client');
    const dealer = bench.connect(client);
    await bench.pass(100);
    client.block();
    bench.say(dealer, 'hello');
    await bench.pass(100);
    expect(undelivered).toEqual(['three']);
    client.unblock();
    expect(await bench.pass(10)).toEqual(['client heard one', 'client heard two']);
  });

  test('is the only one at its address', async () => {
    const bench = new Bench();
    await bench.serve();
    await expect(bench.serve()).rejects.toThrow('Address already in use');
  });
});
