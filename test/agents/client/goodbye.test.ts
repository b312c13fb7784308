import { expect, test } from 'vitest';
import type { ClientMessage } from '../../../lib/protocol/messages.js';
import { A, B, ClientBench } from '../../support/client-bench.js';

/** What the client says, in a word each; of a PING its hello's state. */
const wordOf = (message: ClientMessage) =>
  message.type === 'ping' && message.dialect === 'negotiated'
    ? `ping ${message.hello.state}`
    : message.type;

function served() {
  const bench = new ClientBench();
  bench.packing(A, B);
  const connection = bench.sockets.to(A);
  connection.received();
  return { bench, connection, said: () => connection.received().map(wordOf) };
}

test('each GOODBYE of a server is answered at once by a PING that says so', () => {
  const { bench, connection, said } = served();
  connection.says({ type: 'goodbye' });
  expect(said()).toEqual(['ping draining']);
  connection.says({ type: 'goodbye' });
  expect(said()).toEqual(['ping draining']);
  expect(bench.states).toEqual(['draining', 'alive']);
});

test('heartbeats to a server that leaves are no answers', () => {
  const { bench, connection, said } = served();
  connection.says({ type: 'goodbye' });
  said();
  bench.clock.advance(1000);
  expect(said()).toEqual(['ping ready']);
});

test('the answer comes after the calls that were made before, and none follows it', () => {
  const { bench, connection, said } = served();
  for (let n = 0; n < 4; n++) bench.call();
  connection.says({ type: 'goodbye' });
  for (let n = 0; n < 4; n++) bench.call();
  bench.turns.end();
  expect(said()).toEqual(['request', 'request', 'ping draining']);
});

test('a listener that closes the client on hearing of it ends all', () => {
  const { bench, connection, said } = served();
  bench.whenChanged = () => bench.agent.close();
  connection.says({ type: 'goodbye' });
  expect(said()).toEqual(['ping draining', 'goodbye']);
  expect(connection.isClosed).toBe(true);
});
