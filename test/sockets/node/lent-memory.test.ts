import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect, createServer as tlsServer } from 'node:tls';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { Channel } from '../../../lib/sockets/node/channel.js';
import { nullMechanism } from '../../../lib/zmtp/null-mechanism.js';
import { spareMemory } from '../../../lib/zmtp/spare-memory.js';
import { pki } from '../../support/tls.js';

const OPTIONS = {
  maxMessageSize: 10_000_000,
  mostQueuedBytes: 500_000_000,
  farewellMs: 0,
  lingerMs: 100,
};

const TEXTS = Array.from({ length: 200 }, (_, at) =>
  String.fromCharCode(0x61 + (at % 26)).repeat(9000 + ((at * 7919) % 600_000)),
);

const directory = mkdtempSync(join(tmpdir(), 'freelance-'));

afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(directory, { recursive: true }));

/** Nothing of what is given back may still be on its way: it is overwritten at once. */
function spoilsWhatIsGivenBack() {
  const giveBack = spareMemory.giveBack.bind(spareMemory);
  return vi.spyOn(spareMemory, 'giveBack').mockImplementation((whole) => {
    whole.fill(0xee);
    giveBack(whole);
  });
}

function channelOf(
  socket: Socket,
  socketType: 'DEALER' | 'ROUTER',
  onText: (text: string) => void,
) {
  const mechanism = nullMechanism({ socketType, routingId: Buffer.alloc(0) });
  return new Promise<Channel>((ready) => {
    const channel = new Channel(
      socket,
      { ...OPTIONS, mechanism },
      {
        onReady: () => ready(channel),
        onMessage: ([frame]) => onText(frame?.toString() ?? ''),
        onAsk() {},
        onEnded() {},
      },
    );
    channel.start();
  });
}

const { cert, key } = pki.server;

test.each(['TCP', 'ipc', 'TLS'])(
  'long text over %s leaves before its memory is used again',
  async (way) => {
    const givenBack = spoilsWhatIsGivenBack();
    const server =
      way === 'TLS'
        ? tlsServer({ cert, key, allowHalfOpen: true })
        : createServer({ allowHalfOpen: true });
    const accepted = once(server, way === 'TLS' ? 'secureConnection' : 'connection');
    await once(server.listen(way === 'ipc' ? join(directory, 'socket') : 0), 'listening');
    const address = server.address();
    const to = typeof address === 'string' ? { path: address } : { port: address?.port ?? 0 };
    const socket =
      way === 'TLS'
        ? tlsConnect({ ...to, rejectUnauthorized: false })
        : connect({ ...to, allowHalfOpen: true });
    await once(socket, way === 'TLS' ? 'secureConnect' : 'connect');
    const [peer] = (await accepted) as [Socket];
    let received = 0;
    const sender = channelOf(socket, 'DEALER', () => {});
    void channelOf(peer, 'ROUTER', (text) => {
      if (text !== TEXTS[received]) throw new Error(`text ${received} was overwritten`);
      received++;
      // Now and then the sender has to wait.
      if (received % 10 > 0) return;
      peer.pause();
      setTimeout(() => peer.resume(), 2);
    });
    const channel = await sender;
    for (const text of TEXTS) channel.send([text]);
    await vi.waitFor(() => expect(received).toBe(TEXTS.length), 10_000);
    expect(givenBack).toHaveBeenCalled();
    socket.destroy();
    peer.destroy();
    server.close();
  },
);
