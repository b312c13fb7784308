import { describe, expect, test } from 'vitest';
import { Dealer } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { attackedClient } from './attacked-client.js';
import { HostileServer } from './attack-client.js';
import { attackHandshakes } from './attack-handshake.js';
import { attackServer } from './attack-server.js';
import { FuzzedController } from './handlers.js';
import { HonestCaller } from './honest.js';
import { REGRESSIONS } from './regressions.js';

// A short run, always the same one. `npm run fuzz` is the long one. vitest itself fails a run with an uncaught exception.
const PLAN = { seed: 6, first: 0, messages: 10_000 };

// Test machines may be busy: a slow call is not a lost one.
const PATIENT = { heartbeatTimeout: 30_000, requestTimeout: 30_000, connectTimeout: 30_000 };

test('a server under attack survives and serves honest clients', async () => {
  await using server = await serve([FuzzedController], { drainTimeout: 100, guideIdentity: 'x' });
  const client = connectTo(server.endpoints, PATIENT);
  const honest = new HonestCaller(client);
  const { sent, findings } = await attackServer(server.endpoints[0] ?? '', PLAN);
  await honest.stop();
  expect({ sent, findings, failures: honest.failures }).toEqual({
    sent: PLAN.messages,
    findings: [],
    failures: [],
  });
  expect(honest.served).toBeGreaterThan(0);
  client.close();
  // Handlers of attackers that left come to their end.
  await eventually(() =>
    expect(server.strategy.stats()).toMatchObject({ running: 0, queued: 0, lingering: 0 }),
  );
});

test.each([
  ['one of its servers', []],
  ['a server of the guide', ['guide']],
] as const)(
  'a client attacked by %s ends each call, and the other server answers',
  async (_who, dialect) => {
    await using honest = await serve([FuzzedController], { drainTimeout: 100 });
    const hostile = new HostileServer(...dialect);
    const client = attackedClient([await hostile.bind(), honest.endpoints[0] ?? '', ...dialect]);
    const { sent, findings } = await hostile.attack(PLAN);
    await eventually(() => expect(client.report().served).toBeGreaterThan(0));
    const { failures, ended } = client.report();
    await client.close();
    hostile.close();
    expect({ sent, findings, failures }).toEqual({
      sent: PLAN.messages,
      findings: [],
      failures: [],
    });
    expect(ended).toBeGreaterThan(0);
  },
);

test('an attacker between two sides gets nobody admitted and no message forged', () => {
  const { sent, findings } = attackHandshakes({ ...PLAN, messages: 3000 });
  expect({ sent, findings }).toEqual({ sent: 3000, findings: [] });
});

describe('earlier findings', () => {
  test.each(REGRESSIONS)('$name', async ({ messages }) => {
    await using server = await serve([FuzzedController], { drainTimeout: 100 });
    using client = connectTo(server.endpoints, PATIENT);
    const dealer = new Dealer({ linger: 0 });
    dealer.connect(server.endpoints[0] ?? '');
    for (const frames of messages) await dealer.send([...frames]);
    await dealer.send(['', 'PING', 'last', 't']);
    for await (const [, command, id] of dealer)
      if (String(command) === 'PONG' && String(id) === 'last') break;
    const honest = new HonestCaller(client);
    await eventually(() => expect(honest.served).toBeGreaterThan(0));
    await honest.stop();
    expect(honest.failures).toEqual([]);
    dealer.close();
  });
});
