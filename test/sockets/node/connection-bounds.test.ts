import { expect, test } from 'vitest';
import { nullMechanism } from '../../../lib/zmtp/null-mechanism.js';
import { eventually } from '../../support/eventually.js';
import { serve } from '../../support/nest.js';
import { SteppedClient } from '../../support/stepped-client.js';

const engine = 'node';
const socketType = 'DEALER';

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
