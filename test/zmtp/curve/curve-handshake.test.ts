import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Witness } from '../witness.js';
import { aClient, aServer, clientPair, COMMANDS, foretold, Handshake, only } from './fixtures.js';

describe('the CURVE handshake', () => {
  it('tells each side who the other is', () => {
    const [client, server] = [aClient(), aServer()];
    expect(server.start()).toEqual({ send: [], outcome: { type: 'wait' } });
    const welcome = server.receive(only(client.start()));
    const asked = server.receive(only(client.receive(only(welcome))));
    expect(asked).toEqual({
      send: [],
      outcome: {
        type: 'ask',
        credentials: { mechanism: 'CURVE', publicKey: Buffer.from(clientPair.publicKey) },
      },
    });
    const admitted = server.decide('admitted');
    expect(admitted.outcome).toEqual({
      type: 'ready',
      peer: { socketType: 'DEALER', routingId: Buffer.from('client-1') },
    });
    expect(client.receive(only(admitted))).toEqual({
      send: [],
      outcome: { type: 'ready', peer: { socketType: 'ROUTER', routingId: Buffer.alloc(0) } },
    });
  });

  it.each([
    ['refused', 'refused', '400'],
    ['failed', 'undecided', '500'],
  ] as const)('tells a client that has been %s: %s', (verdict, code, status) => {
    const handshake = new Handshake().upTo('INITIATE');
    handshake.server.receive(handshake.command);
    const told = handshake.server.decide(verdict);
    expect(told.outcome).toMatchObject({ type: 'failed', error: { code } });
    expect(only(told)).toEqual(Buffer.from(`\x05ERROR\x03${status}`));
    expect(handshake.client.receive(only(told)).outcome).toMatchObject({
      type: 'failed',
      error: { code },
    });
  });

  it('has commands of the sizes in RFC 26', () => {
    const [hello, welcome, initiate, ready] = COMMANDS.map(
      (name) => new Handshake().upTo(name).command,
    );
    expect(hello?.length).toBe(200);
    expect(welcome?.length).toBe(168);
    const [ofClient, ofServer] = [
      'Socket-Type....DEALERIdentity....client-1',
      'Socket-Type....ROUTERIdentity....',
    ];
    expect(initiate?.length).toBe(257 + 2 + ofClient.length);
    expect(ready?.length).toBe(30 + 2 + ofServer.length);
  });

  it('is the same byte for byte if the random bytes are', () => {
    const commands = COMMANDS.map((name) => {
      const client = aClient({ crypto: foretold('c') });
      return new Handshake(client, aServer({ crypto: foretold('s') })).upTo(name).command;
    });
    const hashes = commands.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
    expect(hashes).toMatchInlineSnapshot(`
      [
        "e193cc7c6d8b578b06b00bcaf28d1565dc9b5f7effe12066e30f5a15b8afc5b4",
        "7ec10d82596bee87b14177086cae151445cbc632738b44602bedfdb3e6fe6cbd",
        "cca03953be58f6d41737c78e87cff9b627bef05d3f318ea747c7b393bfe7b695",
        "dc0ae94535181c3bc13609a9e75de29293aa3165d280c80190a9aadee8d0818f",
      ]
    `);
  });

  it('is the same if its bytes arrive one at a time, and so are the messages after it', () => {
    const conversation = (deliver: (to: Witness, bytes: Buffer) => void) => {
      const sides = [
        new Witness({ mechanism: aClient({ crypto: foretold('c') }) }),
        new Witness({
          mechanism: aServer({ crypto: foretold('s') }),
          on: (told, session) => 'ask' in told && session.decide('admitted'),
        }),
      ] as const;
      const said: Buffer[] = [];
      const talk = () => {
        while (sides.some(({ session }) => session.outputBytes > 0))
          for (const from of [0, 1] as const) {
            const bytes = sides[from].output();
            said.push(bytes);
            deliver(sides[1 - from] as Witness, bytes);
          }
      };
      talk();
      for (const { session } of sides) session.send(['a', 'x'.repeat(300), '']);
      for (const { session } of sides) session.ping(0);
      talk();
      return { told: sides.map(({ told }) => told), said: Buffer.concat(said).toString('hex') };
    };
    const whole = conversation((to, bytes) => void to.hear(bytes));
    for (const told of whole.told)
      expect(told.at(-1)).toEqual({ message: ['a', 'x'.repeat(300), ''] });
    const cut = conversation((to, bytes) => {
      for (const octet of bytes) to.hear(Buffer.from([octet]));
    });
    expect(cut).toEqual(whole);
  });

  it('shares no secret with another handshake of the same two', () => {
    const [one, two] = [new Handshake(), new Handshake()];
    for (const name of COMMANDS) {
      const parts = [one, two].map((handshake) => handshake.upTo(name).command.subarray(-40));
      expect(parts[0]?.equals(parts[1] ?? Buffer.alloc(0))).toBe(false);
    }
  });
});
