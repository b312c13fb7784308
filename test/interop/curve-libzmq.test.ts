import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { curveKeyPair, Dealer, type EventType, Router } from 'zeromq';
import { decodeZ85 } from '../../lib/security/z85.js';
import { eventually } from '../support/eventually.js';
import { aClient, aServer } from '../zmtp/curve/fixtures.js';
import { Wire } from './curve-wire.js';

const [serverText, clientText, otherText] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];

const bytesOf = (key: string) => decodeZ85(key) ?? Buffer.alloc(0);
const keysOf = ({ publicKey, secretKey }: { publicKey: string; secretKey: string }) => ({
  publicKey: bytesOf(publicKey),
  secretKey: bytesOf(secretKey),
});

/** Frames with headers of one and of nine bytes, and one that exceeds every buffer. */
const SIZES = [0, 1, 221, 222, 223, 255, 256, 65_000, 70_000, 5_000_000];

/** Events of its monitor. */
const heard = (socket: Router | Dealer, event: EventType) =>
  new Promise<unknown>((resolve) => socket.events.on(event, resolve));

describe('a client of a libzmq server', () => {
  let router: Router;

  beforeEach(async () => {
    router = new Router({
      linger: 0,
      curveServer: true,
      curveSecretKey: serverText.secretKey,
      heartbeatInterval: 2,
      heartbeatTimeout: 60_000,
      heartbeatTimeToLive: 10_000,
    });
    await router.bind('tcp://127.0.0.1:*');
  });
  afterEach(() => router.close());

  const dial = (serverKey = bytesOf(serverText.publicKey)) =>
    new Wire(
      connect(Number(router.lastEndpoint?.split(':').at(-1)), '127.0.0.1'),
      aClient({ ...keysOf(clientText), serverKey, routingId: Buffer.from('me') }),
    );

  it('exchanges messages of every size, with PINGs in between', async () => {
    using wire = dial();
    await wire.ready();
    for (const size of SIZES) {
      const body = Buffer.alloc(size, size % 251);
      wire.session.ping(100);
      wire.session.send(['first', body, '']);
      const [id, ...frames] = await router.receive();
      expect(id?.toString()).toBe('me');
      expect(Buffer.concat(frames).equals(Buffer.concat([Buffer.from('first'), body]))).toBe(true);
      await router.send(['me', body, 'last']);
      const [one, two] = await wire.next();
      expect(one?.equals(body)).toBe(true);
      expect(String(two)).toBe('last');
    }
    // PINGs go on; a message after one hides it.
    await eventually(() => expect(wire.session.peerTtlMs).toBe(10_000));
  });

  it('is rejected if it has another key for the server', async () => {
    using wire = dial(bytesOf(otherText.publicKey));
    await heard(router, 'handshake:error:protocol');
    expect(wire.session.state).toBe('handshake');
  });
});

describe('a server of a libzmq client', () => {
  let server: Server;
  let dealer: Dealer;

  beforeEach(async () => {
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    dealer = new Dealer({
      linger: 0,
      routingId: 'you',
      heartbeatInterval: 2,
      heartbeatTimeout: 60_000,
      heartbeatTimeToLive: 10_000,
      curvePublicKey: clientText.publicKey,
      curveSecretKey: clientText.secretKey,
      curveServerKey: serverText.publicKey,
    });
  });
  afterEach(() => {
    dealer.close();
    server.close();
  });

  async function accept(...[verdict]: [verdict?: 'refused' | 'failed']): Promise<Wire> {
    dealer.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [socket] = (await once(server, 'connection')) as [Socket];
    return new Wire(socket, aServer(keysOf(serverText)), verdict);
  }

  it('exchanges messages of every size, with PINGs in between', async () => {
    using wire = await accept();
    await wire.ready();
    expect(wire.asked).toEqual([{ mechanism: 'CURVE', publicKey: bytesOf(clientText.publicKey) }]);
    for (const size of SIZES) {
      const body = Buffer.alloc(size, size % 251);
      wire.session.ping(100);
      await dealer.send(['first', body, '']);
      const [one, two, three] = await wire.next();
      expect(String(one)).toBe('first');
      expect(two?.equals(body)).toBe(true);
      expect(three?.length).toBe(0);
      wire.session.send([body, 'last']);
      const [four, five] = await dealer.receive();
      expect(four?.equals(body)).toBe(true);
      expect(String(five)).toBe('last');
    }
    await eventually(() => expect(wire.session.peerTtlMs).toBe(10_000));
  });

  it.each([
    ['refused', 400],
    ['failed', 500],
  ] as const)('tells a client that it has %s: %i', async (verdict, status) => {
    const told = heard(dealer, 'handshake:error:auth');
    using wire = await accept(verdict);
    expect(await told).toMatchObject({ error: { status } });
    expect(await wire.failed()).toMatchObject({
      code: verdict === 'failed' ? 'undecided' : verdict,
    });
  });

  it('rejects a client that has another key for it', async () => {
    dealer.curveServerKey = otherText.publicKey;
    using wire = await accept();
    expect(await wire.failed()).toMatchObject({ code: 'forged' });
    expect(wire.asked).toEqual([]);
  });
});
