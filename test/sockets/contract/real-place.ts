import { expect } from 'vitest';
import type { SocketPort } from '../../../lib/sockets/socket-port.js';
import { eventually } from '../../support/eventually.js';
import { uncaught } from '../../support/uncaught.js';
import type { Place } from './harness.js';
import { ECHO, TestClient, TestServer } from './peers.js';

/** A place in real time. */
export function realPlace(
  sockets: SocketPort,
  addresses: Pick<Place, 'newAddress' | 'newEndpoint'>,
  tearDown: () => Promise<void> = async () => {},
): Place {
  return {
    servers: sockets,
    newClient: () => sockets,
    ...addresses,
    until: eventually,
    settle: () => settle(sockets, addresses.newAddress()),
    uncaught,
    tearDown,
  };
}

/** What two others say to each other takes longer than what is under way. */
async function settle(sockets: SocketPort, address: string): Promise<void> {
  const server = await TestServer.bind(sockets, [address], ECHO);
  const client = new TestClient(sockets, server.endpoint, { whenReady: (it) => it.send('0') });
  for (let round = 0; round < ROUNDS; round++) {
    await eventually(() => expect(client.events).toContain(String(round)));
    client.send(String(round + 1));
  }
  client.close();
  await server.close();
}

const ROUNDS = 5;
