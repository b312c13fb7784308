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

test('clients that come at once are no more than may be connected', async () => {
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

test('who does not know the password takes none of the places of a name', async () => {
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

test('a name that is no text is refused, and counted', async () => {
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
