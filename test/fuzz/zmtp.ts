import { connect, type Socket } from 'node:net';
import type { Chance } from './chance.js';
import type { Message } from './material.js';

/** The greeting of ZMTP 3.0 with the mechanism NULL. Source: RFC 23/ZMTP. */
export function greeting(): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]);
  bytes.write('NULL', 12);
  return bytes;
}

export function ready(): Buffer {
  const property = (name: string, value: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(value.length);
    return Buffer.concat([
      Buffer.from([name.length]),
      Buffer.from(name),
      length,
      Buffer.from(value),
    ]);
  };
  const body = Buffer.concat([
    Buffer.from([5]),
    Buffer.from('READY'),
    property('Socket-Type', 'DEALER'),
    property('Identity', ''),
  ]);
  return Buffer.concat([Buffer.from([4, body.length]), body]);
}

function frame(bytes: Buffer, more: boolean): Buffer {
  if (bytes.length < 256) return Buffer.concat([Buffer.from([more ? 1 : 0, bytes.length]), bytes]);
  const head = Buffer.alloc(9);
  head[0] = more ? 3 : 2;
  head.writeBigUInt64BE(BigInt(bytes.length), 1);
  return Buffer.concat([head, bytes]);
}

/** One message as ZMTP frames. */
export function onTheWire(frames: Message): Buffer {
  return Buffer.concat(frames.map((one, index) => frame(one, index < frames.length - 1)));
}

/** The bytes of a connection that sends these messages, with a few changes. */
export function conversation(messages: readonly Message[], chance: Chance): Buffer {
  const bytes = Buffer.concat([greeting(), ready(), ...messages.map(onTheWire)]);
  switch (chance.below(4)) {
    case 0:
      return chance.bytes(chance.below(300));
    case 1:
      return bytes.subarray(0, chance.below(bytes.length));
  }
  for (let count = chance.below(4); count > 0; count--)
    bytes[chance.below(bytes.length)] = chance.below(256);
  return bytes;
}

/** Sends that to a listening server and leaves, politely or not, when disconnected or after a moment. */
export function say(port: number, bytes: Buffer, chance: Chance): Promise<void> {
  const isRude = chance.below(2) === 0;
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes, () => (isRude ? socket.resetAndDestroy() : socket.end()));
    });
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.setTimeout(100, () => socket.destroy());
  });
}
