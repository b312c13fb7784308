// Records what libzmq says to a plain socket, in conversations of each socket type, mechanism and direction:
//
//   node test/zmtp/record.mjs > test/zmtp/recorded.json
//
// The other side is written here by hand, byte by byte, so that nothing of lib/zmtp is its own proof.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Dealer, Publisher, Reply, Request, Router, curveKeyPair, version } from 'zeromq';

const HOST = '127.0.0.1';
const COMMAND = 4;

const long = Buffer.alloc(300, 'l');

/** What is sent once both are ready, in either direction. */
const MESSAGES = [
  ['hello'],
  [''],
  ['', 'two'],
  ['grüße', Buffer.from([0, 255, 128])],
  [Buffer.alloc(255, 's'), Buffer.alloc(256, 'm'), long, ''],
];

function greeting(mechanism, asServer = 0) {
  const bytes = Buffer.alloc(64);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1]);
  bytes.write(mechanism, 12);
  bytes[32] = asServer;
  return bytes;
}

function frame(flags, body) {
  if (body.length < 256) return Buffer.concat([Buffer.from([flags, body.length]), body]);
  const head = Buffer.alloc(9);
  head[0] = flags | 2;
  head.writeBigUInt64BE(BigInt(body.length), 1);
  return Buffer.concat([head, body]);
}

function command(name, data = Buffer.alloc(0)) {
  return frame(COMMAND, Buffer.concat([Buffer.from([name.length]), Buffer.from(name), data]));
}

function property(name, value) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]);
}

function metadata(socketType, identity) {
  return Buffer.concat([property('Socket-Type', socketType), property('Identity', identity)]);
}

function message(frames) {
  return Buffer.concat(
    frames.map((one, index) => frame(index < frames.length - 1 ? 1 : 0, Buffer.from(one))),
  );
}

/** The plain side of one conversation: what it says, and what comes. */
class Peer {
  transcript = [];
  #socket;
  #heard = Buffer.alloc(0);
  #arrived = () => {};
  #ended = false;

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#heard = Buffer.concat([this.#heard, chunk]);
      this.#arrived();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#ended = true;
      this.#arrived();
    });
  }

  say(bytes) {
    this.transcript.push({ from: 'peer', hex: bytes.toString('hex') });
    this.#socket.write(bytes);
  }

  /** Notes the next bytes of libzmq. */
  async hear(length) {
    while (this.#heard.length < length) await this.#next();
    const bytes = this.#heard.subarray(0, length);
    this.#heard = this.#heard.subarray(length);
    this.transcript.push({ from: 'libzmq', hex: bytes.toString('hex') });
    return bytes;
  }

  async hearFrame() {
    while (this.#heard.length < 2 || (this.#heard[0] & 2 && this.#heard.length < 9)) {
      await this.#next();
    }
    return this.#heard[0] & 2
      ? this.hear(9 + Number(this.#heard.readBigUInt64BE(1)))
      : this.hear(2 + this.#heard[1]);
  }

  async hearMessage() {
    while ((await this.hearFrame())[0] & 1);
  }

  /** Notes that libzmq ended the connection. */
  async hearEnd() {
    while (!this.#ended) await new Promise((resolve) => (this.#arrived = resolve));
    if (this.#heard.length > 0) await this.hear(this.#heard.length);
    this.transcript.push({ from: 'libzmq', end: true });
  }

  leave() {
    this.#socket.destroy();
  }

  async #next() {
    if (this.#ended) throw new Error('libzmq has left');
    await new Promise((resolve) => (this.#arrived = resolve));
  }
}

const conversations = [];

async function record(name, socket, converse) {
  const isClient = !(socket instanceof Router);
  let peer;
  if (isClient) {
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    socket.connect(`tcp://${HOST}:${server.address().port}`);
    [peer] = await once(server, 'connection');
    server.close();
  } else {
    await socket.bind(`tcp://${HOST}:*`);
    peer = connect(Number(socket.lastEndpoint.split(':').at(-1)), HOST);
    await once(peer, 'connect');
  }
  const plain = new Peer(peer);
  await converse(plain, socket);
  conversations.push({ name, transcript: plain.transcript });
  plain.leave();
  socket.close();
}

async function exchange(peer, socket, routingId) {
  for (const frames of MESSAGES) {
    await socket.send(routingId === undefined ? frames : [routingId, ...frames]);
    await peer.hearMessage();
  }
  for (const frames of MESSAGES) {
    peer.say(message(frames));
    await socket.receive();
  }
}

await record('ROUTER, NULL', new Router(), async (peer, router) => {
  peer.say(greeting('NULL'));
  await peer.hear(64);
  peer.say(command('READY', metadata('DEALER', 'me')));
  await peer.hearFrame();
  await exchange(peer, router, 'me');
  // A PING with a context, and one whose context is too long.
  peer.say(command('PING', Buffer.concat([Buffer.from([0, 0]), Buffer.from('context')])));
  await peer.hearFrame();
  peer.say(command('PING', Buffer.concat([Buffer.from([0, 0]), Buffer.alloc(20, 'c')])));
  await peer.hearFrame();
});

await record('DEALER, NULL', new Dealer({ routingId: 'you' }), async (peer, dealer) => {
  peer.say(greeting('NULL'));
  await peer.hear(64);
  peer.say(command('READY', metadata('ROUTER', '')));
  await peer.hearFrame();
  await exchange(peer, dealer);
});

const heartbeats = { heartbeatInterval: 50, heartbeatTimeout: 60_000, heartbeatTimeToLive: 1500 };

await record('DEALER, NULL, PING', new Dealer(heartbeats), async (peer) => {
  peer.say(greeting('NULL'));
  await peer.hear(64);
  peer.say(command('READY', metadata('ROUTER', '')));
  await peer.hearFrame();
  await peer.hearFrame();
  peer.say(command('PONG'));
});

await record('REQ, NULL', new Request(), async (peer, request) => {
  peer.say(greeting('NULL'));
  await peer.hear(64);
  peer.say(command('READY', metadata('ROUTER', '')));
  await peer.hearFrame();
  await request.send('question');
  await peer.hearMessage();
  peer.say(message(['', 'answer']));
  await request.receive();
});

await record('PUB, NULL', new Publisher(), async (peer) => {
  peer.say(greeting('NULL'));
  await peer.hear(64);
  peer.say(command('READY', metadata('ROUTER', '')));
  await peer.hearFrame();
});

await record(
  'DEALER, PLAIN',
  new Dealer({ routingId: 'you', plainUsername: 'ann', plainPassword: 'secret' }),
  async (peer, dealer) => {
    peer.say(greeting('PLAIN', 1));
    await peer.hear(64);
    await peer.hearFrame();
    peer.say(command('WELCOME'));
    await peer.hearFrame();
    peer.say(command('READY', metadata('ROUTER', '')));
    await exchange(peer, dealer);
  },
);

const { publicKey, secretKey } = curveKeyPair();
const curve = { curveServerKey: publicKey, curvePublicKey: publicKey, curveSecretKey: secretKey };

await record('DEALER, CURVE to a NULL peer', new Dealer(curve), async (peer) => {
  // libzmq does not send the rest of its greeting to who has sent another mechanism already.
  const bytes = greeting('NULL');
  peer.say(bytes.subarray(0, 12));
  await peer.hear(64);
  peer.say(bytes.subarray(12));
  await peer.hearEnd();
});

// The authenticator of libzmq's PLAIN servers: the status is the username.
const zap = new Reply();
await zap.bind('inproc://zeromq.zap.01');
const authenticating = (async () => {
  for await (const request of zap) {
    await zap.send([request[0], request[1], String(request[6]), '', 'user', '']);
  }
})();

const plainServer = { plainServer: true, zapDomain: 'test' };

await record('ROUTER, PLAIN', new Router(plainServer), async (peer, router) => {
  peer.say(greeting('PLAIN'));
  await peer.hear(64);
  peer.say(command('HELLO', Buffer.from('\x03200\x06secret')));
  await peer.hearFrame();
  peer.say(command('INITIATE', metadata('DEALER', 'me')));
  await peer.hearFrame();
  await exchange(peer, router, 'me');
});

for (const status of ['400', '500']) {
  await record(`ROUTER, PLAIN, ${status}`, new Router(plainServer), async (peer) => {
    peer.say(greeting('PLAIN'));
    await peer.hear(64);
    peer.say(command('HELLO', Buffer.from(`\x03${status}\x06secret`)));
    // libzmq then leaves it to the client to end the connection.
    await peer.hearFrame();
  });
}

zap.close();
await authenticating;

process.stdout.write(`${JSON.stringify({ libzmq: version, conversations }, undefined, 2)}\n`);
