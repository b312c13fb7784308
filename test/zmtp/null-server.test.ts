import { expect, test } from 'vitest';
import { decodeCommand } from '../../lib/zmtp/command.js';
import type { HandshakeVerdict } from '../../lib/zmtp/mechanism.js';
import { nullMechanism } from '../../lib/zmtp/null-mechanism.js';
import { nullServer } from '../../lib/zmtp/null-server.js';

const own = { socketType: 'ROUTER', routingId: Buffer.alloc(0) } as const;
const [clientReady = Buffer.alloc(0)] = nullMechanism({
  socketType: 'DEALER',
  routingId: Buffer.from('me'),
}).start().send;

test('sends no READY before the client is admitted', () => {
  const server = nullServer(own);
  expect(server.start()).toEqual({ send: [], outcome: { type: 'wait' } });
  const asked = server.receive(clientReady);
  expect(asked).toEqual({
    send: [],
    outcome: { type: 'ask', credentials: { mechanism: 'NULL' } },
  });
  const { send, outcome } = server.decide('admitted');
  expect(decodeCommand(send[0] ?? Buffer.alloc(0))).toMatchObject({ name: 'READY' });
  expect(outcome).toMatchObject({ type: 'ready', peer: { routingId: Buffer.from('me') } });
});

test.each<[HandshakeVerdict, code: string, status: string]>([
  ['refused', 'refused', '400'],
  ['failed', 'undecided', '500'],
])('tells a client that it is not admitted: %s', (verdict, code, status) => {
  const server = nullServer(own);
  server.receive(clientReady);
  const { send, outcome } = server.decide(verdict);
  expect(send[0]?.toString('latin1')).toContain(status);
  expect(outcome).toMatchObject({ type: 'failed', error: { code } });
});

test('asks for no verdict on a malformed client', () => {
  expect(nullServer(own).receive(Buffer.from('nonsense')).outcome.type).toBe('failed');
});

test('cannot admit a client that has not sent READY', () => {
  expect(nullServer(own).decide('admitted').outcome.type).toBe('failed');
});
