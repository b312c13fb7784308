import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { greeting, onTheWire, ready } from '../fuzz/zmtp.js';
import { Child } from '../support/child.js';
import { connectTo } from '../support/nest.js';

/*
 * libzmq aborts its process (`Assertion failed: !_io_error`) if a peer fills the receive queue and resets the connection, and
 * a heartbeat comes in between: by libzmq's own timer, or as a PING among the peer's queued messages.
 */

/** More messages than libzmq's receive queue holds (ZMQ_RCVHWM: 1000). */
const FLOOD = 4000;

/** A ZMTP PING without a TTL. Source: RFC 37/ZMTP. */
const ZMTP_PING = Buffer.from([4, 7, 4, ...Buffer.from('PING'), 0, 0]);

const flood = (message: string[], ...between: Buffer[]) => {
  const bytes = Buffer.concat([onTheWire(message.map((text) => Buffer.from(text))), ...between]);
  return Buffer.concat(Array.from({ length: FLOOD }, () => bytes));
};

/** The largest body that a server takes by default. */
const LARGE = `"${'x'.repeat(16 * 1024 * 1024 - 2)}"`;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(() => vi.unstubAllEnvs());

/** A hand-written peer whose handshake is done. */
async function strangerAt(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write(Buffer.concat([greeting(), ready()]));
  let heard = '';
  while (!heard.includes('READY')) heard += String(await once(socket, 'data'));
  return socket.resume();
}

/** A stranger that blocks the server by a call, floods it meanwhile and resets the connection. */
async function attack(port: number, blockMs: number, ...between: Buffer[]): Promise<void> {
  const socket = await strangerAt(port);
  socket.write(
    onTheWire(['', 'REQUEST', 'a', String(blockMs), '{"pattern":"block"}'].map(bytesOf)),
  );
  await pause(100);
  socket.write(flood(['', 'REQUEST', 'b', '', '{"pattern":"none"}'], ...between));
  await pause(300);
  socket.resetAndDestroy();
}

/** A stranger that keeps the server busy by eight requests of 16 MiB, floods it and resets the connection. */
async function attackWithLarge(port: number): Promise<void> {
  const socket = await strangerAt(port);
  const large = onTheWire(['', 'REQUEST', 'l', LARGE, '{"pattern":"none"}'].map(bytesOf));
  for (let n = 0; n < 8; n++) socket.write(large);
  const last = flood(['', 'REQUEST', 'b', '', '{"pattern":"none"}']);
  await new Promise((written) => socket.write(last, written));
  socket.resetAndDestroy();
}

const portOf = (endpoint = '') => Number(endpoint.split(':').at(-1));

const bytesOf = (text: string) => Buffer.from(text);

describe.each(['node', 'libzmq'])('a server with the engine %s survives', (engine) => {
  /** @returns the server's standard error; the server still answers */
  async function complaints(hurt: (port: number) => Promise<void>): Promise<string> {
    vi.stubEnv('FREELANCE_SERVER_ENGINE', engine);
    await using server = Child.node('math-server');
    const { endpoints } = (await server.nextLine()) as { endpoints: string[] };
    const port = portOf(endpoints[0]);
    await hurt(port);
    // The server still answers: another peer gets its READY, and the answer to a call.
    const friend = await strangerAt(port);
    friend.write(onTheWire(['', 'REQUEST', 'c', '[1,2]', '{"pattern":"sum"}'].map(bytesOf)));
    let heard = '';
    while (!heard.includes('REPLY')) heard += String(await once(friend, 'data'));
    friend.destroy();
    return server.errors;
  }

  // Longer than the 5 s between the server's heartbeats, if it has any.
  test('a flood that is reset while the server is blocked', async () => {
    expect(await complaints((port) => attack(port, 6500))).toBe('');
  });

  test('eight requests of 16 MiB and 4000 small ones, whose sender resets the connection', async () => {
    expect(await complaints(attackWithLarge)).toBe('');
  });

  // libzmq does not survive it with any setting: see docs/engines.md.
  test.runIf(engine === 'node')('a flood with ZMTP PINGs in it', async () => {
    expect(await complaints((port) => attack(port, 1000, ZMTP_PING))).toBe('');
  });
});

describe.each(['node', 'libzmq'])('a client with the engine %s survives', (engine) => {
  /** @returns the client's standard error; the client still works */
  async function complaints(blockMs: number, ...between: Buffer[]): Promise<string> {
    vi.stubEnv('FREELANCE_CLIENT_ENGINE', engine);
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => {})));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await using client = Child.node('busy-client', `tcp://127.0.0.1:${port}`);
      const [socket] = (await once(server, 'connection')) as [Socket];
      socket.write(Buffer.concat([greeting(), readyAsRouter()]));
      // Its greeting, its READY, and the protocol's PING.
      let heard = '';
      while (!heard.includes('\u0004PING')) heard += String(await once(socket, 'data'));
      client.tell(blockMs);
      await pause(100);
      socket.write(flood(['', 'PONG', '1', 't', '{}'], ...between));
      await pause(300);
      socket.resetAndDestroy();
      expect(await client.nextLine()).toBe('goes on');
      // The client has noticed, and connects again.
      await Promise.race([once(server, 'connection'), client.ended()]);
      client.tell(0);
      expect(await client.nextLine()).toBe('goes on');
      return client.errors;
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  }

  // Longer than the second between the client's heartbeats.
  test('a flood of its server, which is killed while the client is blocked', async () => {
    expect(await complaints(2000)).toBe('');
  });

  test('a flood with ZMTP PINGs in it', async () => {
    expect(await complaints(1000, ZMTP_PING)).toBe('');
  });
});

// With libzmq, a heartbeat among the last bytes of a killed client would end a server.
test.each(['node', 'libzmq'] as const)(
  'a client with the engine %s sends no ZMTP PING',
  async (engine) => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    using client = connectTo([`tcp://127.0.0.1:${port}`], {
      engine,
      heartbeatInterval: 100,
      heartbeatTimeout: 500,
    });
    client.connect().catch(() => {});
    const [socket] = (await once(server, 'connection')) as [Socket];
    const greeted = greeting();
    greeted[11] = 1; // ZMTP 3.1, which has PING
    socket.on('error', () => {}).write(Buffer.concat([greeted, readyAsRouter()]));
    // Until it gives up on a silent server.
    const heard: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) heard.push(chunk);
    expect(Buffer.concat(heard).includes('READY')).toBe(true);
    expect(Buffer.concat(heard).includes(ZMTP_PING.subarray(0, 7))).toBe(false);
    server.close();
  },
);

function readyAsRouter(): Buffer {
  const bytes = Buffer.from(ready());
  // As long as DEALER.
  bytes.write('ROUTER', bytes.indexOf('DEALER'));
  return bytes;
}
