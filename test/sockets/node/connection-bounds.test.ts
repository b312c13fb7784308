import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { encodeCommand } from '../../../lib/zmtp/command.js';
import { nullMechanism } from '../../../lib/zmtp/null-mechanism.js';
import { plainClient } from '../../../lib/zmtp/plain-client.js';
import { wait } from '../../../lib/zmtp/step.js';
import { eventually } from '../../support/eventually.js';
import { serve } from '../../support/nest.js';
import { SteppedClient } from '../../support/stepped-client.js';

const engine = 'node';
const socketType = 'DEALER';

/** Its handshake goes on as far as the server lets it. */
async function shakeHands(client: SteppedClient, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await client.step();
}

test('no more clients than allowed are connected, even if they come at once', async () => {
  await using server = await serve([], { engine, maxConnections: 1 });
  const connected = () => server.strategy.unwrap<Set<unknown>>().size;
  const [endpoint = ''] = server.endpoints;
  using first = new SteppedClient(endpoint, nullMechanism({ socketType }));
  using second = new SteppedClient(endpoint, nullMechanism({ socketType }));
  const both = [first, second];
  // Both are in their handshake before one of them is connected.
  for (const client of both) await client.step();
  await eventually(() => {
    for (const { session } of both) expect(session.outputBytes).toBeGreaterThan(0);
  });
  await first.step();
  await eventually(() => expect(connected()).toBe(1));
  await second.step();
  await eventually(() => expect(second.isEnded).toBe(true));
  expect(connected()).toBe(1);
  expect(first.isEnded).toBe(false);
});

test('connections without the password do not count for the limit of a name', async () => {
  const asked: string[] = [];
  let tell = (_isRight: boolean) => {};
  await using server = await serve([], {
    engine,
    maxConnections: 1,
    security: {
      mechanism: 'plain',
      authorizedUsers: (_username, password) => {
        asked.push(password);
        return password === 'hers' || new Promise<boolean>((resolve) => (tell = resolve));
      },
    },
  });
  const [endpoint = ''] = server.endpoints;
  const username = 'alice';
  using guesser = new SteppedClient(
    endpoint,
    plainClient({ socketType, username, password: 'guessed' }),
  );
  await shakeHands(guesser, 2);
  await eventually(() => expect(asked).toEqual(['guessed']));
  using alice = new SteppedClient(
    endpoint,
    plainClient({ socketType, username, password: 'hers' }),
  );
  await shakeHands(alice, 3);
  await eventually(() => expect(alice.session.state).toBe('ready'));
  tell(false);
  await eventually(() => expect(guesser.failure).toBe('refused'));
  // What it had taken, and gives back, was never counted: her next one is still one too many.
  using again = new SteppedClient(
    endpoint,
    plainClient({ socketType, username, password: 'hers' }),
  );
  await shakeHands(again, 2);
  await eventually(() => expect(again.failure).toBe('undecided'));
});

test('a name that is not UTF-8 is refused, and counted', async () => {
  await using server = await serve([], {
    engine,
    security: { mechanism: 'plain', authorizedUsers: { alice: 'hers' } },
  });
  const hello = encodeCommand('HELLO', Buffer.from([1, 0xff, 1, 0x61]));
  using client = new SteppedClient(server.endpoints[0] ?? '', {
    ...plainClient({ socketType, username: '', password: '' }),
    start: () => wait(hello),
  });
  await shakeHands(client, 2);
  await eventually(() => expect(client.failure).toBe('refused'));
  expect(server.strategy.stats().unauthorized).toBe(1);
});

/** Connections that say nothing. A server greets each, and ends it later, or ends it at once. */
class SilentPeers implements Disposable {
  readonly ended: Socket[] = [];
  readonly #sockets: Socket[] = [];
  readonly #port: number;

  constructor(endpoint: string) {
    this.#port = Number(new URL(endpoint).port);
  }

  /** Resolves once it was greeted, or has ended. */
  async connect(localAddress: string): Promise<boolean> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress });
    this.#sockets.push(socket);
    socket.on('error', () => {}).on('close', () => this.ended.push(socket));
    let isGreeted = false;
    const greeted = new Promise<void>((resolve) => {
      socket.once('data', () => resolve(void (isGreeted = true)));
    });
    await Promise.race([greeted, new Promise((closed) => socket.once('close', closed))]);
    return isGreeted;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

test('an address has 1024 unfinished handshakes at most, and keeps no other address out', async ({
  skip,
}) => {
  await using server = await serve([], { engine });
  for (let round = 0; round < 3; round++) {
    using peers = new SilentPeers(server.endpoints[0] ?? '');
    const began = performance.now();
    for (let n = 0; n < 1024; n += 64)
      await Promise.all(Array.from({ length: 64 }, () => peers.connect('127.0.0.1')));
    const early = peers.ended.length;
    // Either is refused, or replaces one that has lasted for a second.
    for (let n = 0; n < 10; n++) await peers.connect('127.0.0.1');
    const isOtherGreeted = await peers.connect('127.0.0.2');
    const took = () => performance.now() - began;
    // On so slow a machine, the first ones are close to their deadline of 5 s: another round.
    if (took() > 3000) continue;
    while (peers.ended.length < 10 && took() < 4000) await new Promise(setImmediate);
    const { length } = peers.ended;
    expect({ early, length, isOtherGreeted }).toEqual({
      early: 0,
      length: 10,
      isOtherGreeted: true,
    });
    return;
  }
  skip('a thousand connections take longer here than a handshake may');
});
