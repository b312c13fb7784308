import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProbeArguments, Probed } from './round-trips.js';

/** Pause between two datagrams, in ms. */
const PAUSE_MS = 5;

/** The program of `roundTrips`. Argument: what to send whereto, as JSON; without one it sends back whatever it gets. */
const [text] = process.argv.slice(2);

if (text === undefined) echo();
else say(await ask(JSON.parse(text) as ProbeArguments));

function echo(): void {
  const socket = createSocket({ type: 'udp6', ipv6Only: false });
  socket.on('message', (datagram, { port, address }) => socket.send(datagram, port, address));
  socket.bind(0, '::', () => say(socket.address().port));
  // Ends with who started it.
  process.stdin.resume().on('close', () => process.exit());
}

/** Sends numbered datagrams, and notes how long each took to come back. */
async function ask({ address, port, count, bytes, waitMs }: ProbeArguments): Promise<Probed> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const sentAt: number[] = [];
  const roundTripsMs: number[] = [];
  socket.on('message', (datagram) => {
    const sent = sentAt[datagram.readUInt32BE()];
    if (sent !== undefined) roundTripsMs.push(performance.now() - sent);
  });
  for (let number = 0; number < count; number++) {
    const datagram = Buffer.alloc(bytes);
    datagram.writeUInt32BE(number);
    sentAt.push(performance.now());
    socket.send(datagram, port, address);
    await delay(PAUSE_MS);
  }
  await delay(waitMs);
  socket.close();
  return { sent: count, roundTripsMs };
}

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
