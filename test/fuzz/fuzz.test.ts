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

// A short run, the same one each time. `npm run fuzz` is the long one; vitest itself fails a run in which
// something was thrown that nobody caught.
const PLAN = { seed: 6, first: 0, messages: 10_000 };

// A machine that runs tests may be busy: what is slow is not lost.
const PATIENT = { heartbeatTimeout: 30_000, requestTimeout: 30_000, connectTimeout: 30_000 };

test('a server under attack lives on, and serves those who are honest', async () => {
  await using server = await serve([FuzzedController], { drainTimeout: 100 });
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
  // What it did for those who are gone comes to its end.
  await eventually(() =>
    expect(server.strategy.stats()).toMatchObject({ running: 0, queued: 0, lingering: 0 }),
  );
});

test('a client under attack by one of its servers ends each call, and is served by the other', async () => {
  await using honest = await serve([FuzzedController], { drainTimeout: 100 });
  const hostile = new HostileServer();
  const client = attackedClient([await hostile.bind(), honest.endpoints[0] ?? '']);
  const { sent, findings } = await hostile.attack(PLAN);
  await eventually(() => expect(client.report().served).toBeGreaterThan(0));
  const { failures, ended } = client.report();
  await client.close();
  hostile.close();
  expect({ sent, findings, failures }).toEqual({ sent: PLAN.messages, findings: [], failures: [] });
  expect(ended).toBeGreaterThan(0);
});

test('somebody between two who shake hands lets nobody in, and nothing be heard that was not said', () => {
  const { sent, findings } = attackHandshakes({ ...PLAN, messages: 3000 });
  expect({ sent, findings }).toEqual({ sent: 3000, findings: [] });
});

describe('what was found once', () => {
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
