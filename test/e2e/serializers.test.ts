import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { FreelanceRecordBuilder } from 'nestjs-freelance';
import { pack, unpack } from 'msgpackr';
import { firstValueFrom, lastValueFrom, of, throwError, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

const heard: unknown[] = [];

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern({ cmd: 'type' })
  type(@Payload() value: unknown) {
    return value instanceof Date ? 'Date' : typeof value;
  }

  @MessagePattern('values')
  values(@Payload() values: unknown[]) {
    return of(...values);
  }

  @MessagePattern('generated')
  async *generated(@Payload() values: unknown[]) {
    for (const value of values) yield Promise.resolve(value);
  }

  @MessagePattern('fails')
  fails() {
    return throwError(() => new RpcException({ code: 7 }));
  }

  @EventPattern('event')
  event(@Payload() value: unknown) {
    heard.push(value);
  }
}

/** MessagePack keeps what JSON loses: dates, bytes within objects, undefined. */
const messagePack = {
  serialize: (packet: object) => pack(packet),
  deserialize: (bytes: Buffer) => unpack(bytes) as object,
};

const later = () => new Promise((resolve) => setImmediate(resolve));

const slowMessagePack = {
  serialize: async (packet: object) => {
    await later();
    return pack(packet);
  },
  deserialize: async (bytes: Buffer) => {
    await later();
    return unpack(bytes) as object;
  },
};

/** Serializers that return packets, as teams have for Nest's other transports. */
const envelope = {
  serialize: (packet: { data?: unknown; response?: unknown }) => ({
    ...packet,
    ...('data' in packet && { data: { wrapped: packet.data } }),
    ...('response' in packet && { response: { wrapped: packet.response } }),
  }),
  deserialize: (packet: { data?: { wrapped: unknown }; response?: { wrapped: unknown } }) => ({
    ...packet,
    ...(packet.data && { data: packet.data.wrapped }),
    ...(packet.response && { response: packet.response.wrapped }),
  }),
};

describe.each([
  ['MessagePack', messagePack],
  ['MessagePack, asynchronously', slowMessagePack],
])('with %s on both sides', (_name, codec) => {
  const both = { serializer: codec, deserializer: codec };

  test('values survive that JSON cannot represent', async () => {
    await using server = await serve([EchoController], both);
    using client = connectTo(server.endpoints, both);
    const value = { at: new Date(0), bytes: Buffer.from([0, 255]), nested: [{ at: new Date(1) }] };
    expect(await firstValueFrom(client.send('echo', value))).toEqual(value);
    expect(await firstValueFrom(client.send({ cmd: 'type' }, new Date()))).toBe('Date');
  });

  test('streams keep their order, errors stay errors, and records keep their options', async () => {
    await using server = await serve([EchoController], both);
    using client = connectTo(server.endpoints, both);
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const record = new FreelanceRecordBuilder(numbers).setTimeout(20_000).build();
    for (const pattern of ['values', 'generated']) {
      const values = client.send(pattern, record).pipe(toArray());
      expect(await lastValueFrom(values)).toEqual(numbers);
    }
    await expect(firstValueFrom(client.send('fails', {}))).rejects.toEqual({ code: 7 });
  });

  test('events arrive', async () => {
    await using server = await serve([EchoController], both);
    using client = connectTo(server.endpoints, both);
    await lastValueFrom(client.emit('event', { at: new Date(7) }));
    await eventually(() => expect(heard.at(-1)).toEqual({ at: new Date(7) }));
  });
});

test('a serializer may return an ArrayBuffer', async () => {
  const codec = {
    serialize: (packet: object) => Uint8Array.from(Buffer.from(JSON.stringify(packet))).buffer,
    deserialize: (bytes: Buffer) => JSON.parse(bytes.toString()) as object,
  };
  const both = { serializer: codec, deserializer: codec };
  await using server = await serve([EchoController], both);
  using client = connectTo(server.endpoints, both);
  expect(await firstValueFrom(client.send('echo', { a: 1 }))).toEqual({ a: 1 });
});

test('a serializer of packets may change them, bytes included', async () => {
  const both = { serializer: envelope, deserializer: envelope };
  await using server = await serve([EchoController], both);
  using client = connectTo(server.endpoints, both);
  expect(await firstValueFrom(client.send('echo', { a: 1 }))).toEqual({ a: 1 });
  expect(await firstValueFrom(client.send('echo', 'text'))).toBe('text');
});

test('a deserializer may change its packet without affecting the next call', async () => {
  const deserialize = (packet: { pattern: { cmd: string; tenant?: string }; data: unknown }) => {
    const { tenant } = packet.pattern;
    delete packet.pattern.tenant;
    packet.data = tenant === 'acme' ? new Date(0) : packet.data;
    return packet;
  };
  await using server = await serve([EchoController], { deserializer: { deserialize } });
  using client = connectTo(server.endpoints);
  await client.connect();
  const call = () => firstValueFrom(client.send({ cmd: 'type', tenant: 'acme' }, {}));
  // Sequential calls have messages of their own; concurrent ones share the headers of a pack.
  for (let n = 0; n < 3; n++) expect(await call()).toBe('Date');
  const atOnce = await Promise.all(Array.from({ length: 20 }, call));
  expect(new Set(atOnce)).toEqual(new Set(['Date']));
});

test('a serializer that throws fails only its own call', async () => {
  await using server = await serve([EchoController]);
  let isBroken = true;
  const serialize = (packet: object) => {
    if (isBroken) throw new Error('cannot serialize');
    return packet;
  };
  using client = connectTo(server.endpoints, { serializer: { serialize } });
  await expect(firstValueFrom(client.send('echo', 1))).rejects.toThrow('cannot serialize');
  isBroken = false;
  expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
});

test('no deserializer receives an error of this library', async () => {
  const asked: unknown[] = [];
  const deserialize = (packet: object) => (asked.push(packet), {});
  using client = connectTo(['tcp://127.0.0.1:1'], {
    connectTimeout: 50,
    deserializer: { deserialize },
  });
  await expect(firstValueFrom(client.send('echo', 1))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
  expect(asked).toEqual([]);
});

test('serialized data arrives as bytes if there is no counterpart', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints, { serializer: messagePack });
  const answer = await firstValueFrom(client.send<Buffer>('echo', 1));
  expect(unpack(answer)).toEqual({ pattern: 'echo', data: 1 });
  await using other = await serve([EchoController], { serializer: messagePack });
  using caller = connectTo(other.endpoints);
  expect(unpack(await firstValueFrom(caller.send<Buffer>('echo', 1)))).toEqual({ response: 1 });
  const error = await firstValueFrom(caller.send('fails', {})).catch((bytes: Buffer) => bytes);
  expect(unpack(error as Buffer)).toEqual({ err: { code: 7 } });
});
