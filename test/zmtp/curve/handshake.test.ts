import { describe, expect, it } from 'vitest';
import { aClient, aServer, clientPair, only } from './fixtures.js';

describe('a handshake of CURVE', () => {
  it('tells both sides who sits at the other end', () => {
    const [client, server] = [aClient(), aServer()];
    expect(server.start()).toEqual({ send: [], outcome: { type: 'wait' } });
    const welcome = server.receive(only(client.start()));
    const asked = server.receive(only(client.receive(only(welcome))));
    expect(asked.outcome).toEqual({
      type: 'ask',
      credentials: { mechanism: 'CURVE', publicKey: Buffer.from(clientPair.publicKey) },
    });
    const admitted = server.decide('admitted');
    expect(admitted.outcome).toEqual({
      type: 'ready',
      peer: { socketType: 'DEALER', routingId: Buffer.from('client-1') },
    });
    expect(client.receive(only(admitted)).outcome).toEqual({
      type: 'ready',
      peer: { socketType: 'ROUTER', routingId: Buffer.alloc(0) },
    });
  });
});
