import { Controller } from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { firstValueFrom, from, lastValueFrom, tap } from 'rxjs';
import { expect, test } from 'vitest';
import { Dealer } from 'zeromq';
import { FreelanceRecordBuilder } from '../../lib/index.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

const MIB = 1024 * 1024;
const WIDE = { maxMessageSize: 2 * MIB };
const NARROW = { maxMessageSize: MIB };

@Controller()
class SizesController {
  @MessagePattern('length')
  length(@Payload() data: string | Buffer) {
    return data.length;
  }

  @MessagePattern('bytes')
  bytes(@Payload() length: number) {
    return Buffer.alloc(length);
  }

  @MessagePattern('characters')
  characters(@Payload() length: number) {
    return 'ä'.repeat(length);
  }

  @MessagePattern('grown')
  grown() {
    return from([MIB, MIB + 1].map((length) => Buffer.alloc(length)));
  }

  @MessagePattern('fails')
  fails(@Payload() length: number) {
    throw new RpcException('x'.repeat(length));
  }
}

/** The error of a call, or its value. */
const outcome = (call: ReturnType<ReturnType<typeof connectTo>['send']>) =>
  firstValueFrom(call).catch((error: unknown) => error);

test('a call that is too large fails at once with a clear error, and every connection survives', async () => {
  await using server = await serve([SizesController], WIDE);
  using client = connectTo(server.endpoints, NARROW);
  const before = firstValueFrom(client.send('length', 'x'.repeat(MIB)));
  expect(await outcome(client.send('length', Buffer.alloc(MIB + 1)))).toMatchObject({
    code: 'EMSGSIZE',
    message: expect.stringMatching(/"length" .* 1048577 bytes, and maxMessageSize .* 1048576\./),
  });
  // Encoded size counts: two bytes for each of these characters.
  expect(await outcome(client.send('length', 'ä'.repeat(MIB / 2 + 1)))).toMatchObject({
    code: 'EMSGSIZE',
  });
  expect(await before).toBe(MIB);
  expect(client.stats().endpoints[server.endpoints[0] ?? '']?.state).toBe('alive');
});

test('a server announces its limit, and the client respects it', async () => {
  await using server = await serve([SizesController], NARROW);
  using client = connectTo(server.endpoints, WIDE);
  expect(await firstValueFrom(client.send('length', 'x'.repeat(MIB)))).toBe(MIB);
  expect(await outcome(client.send('length', Buffer.alloc(MIB + 1)))).toMatchObject({
    code: 'EMSGSIZE',
    message: expect.stringContaining(`the server ${server.endpoints[0]} allows 1048576`),
  });
  expect(await firstValueFrom(client.send('length', 'still here'))).toBe(10);
});

test.each([
  ['that the server does not send', NARROW, WIDE],
  ['that the client does not take', WIDE, NARROW],
])('a reply %s fails its own call only', async (_, ofServer, ofClient) => {
  await using server = await serve([SizesController], ofServer);
  using client = connectTo(server.endpoints, ofClient);
  const refused = {
    status: 'error',
    message: expect.stringMatching(/has \d{7} bytes, and maxMessageSize allows 1048576/),
  };
  expect(await firstValueFrom(client.send<Buffer>('bytes', MIB))).toHaveLength(MIB);
  expect(await outcome(client.send('bytes', MIB + 1))).toMatchObject(refused);
  expect(await outcome(client.send('characters', MIB / 2 + 1))).toMatchObject(refused);
  const values: Buffer[] = [];
  const grown = client.send<Buffer>('grown', '').pipe(tap((value) => values.push(value)));
  await expect(lastValueFrom(grown)).rejects.toMatchObject(refused);
  expect(values.map(({ length }) => length)).toEqual([MIB]);
  expect(await outcome(client.send('fails', 10))).toMatchObject({ message: 'x'.repeat(10) });
  const long = { message: expect.stringContaining('maxMessageSize allows 1048576') };
  expect(await outcome(client.send('fails', MIB))).toMatchObject(long);
  expect(await outcome(client.send('length', 'still here'))).toBe(10);
  expect(client.stats().endpoints[server.endpoints[0] ?? '']).toMatchObject({ state: 'alive' });
});

test('the same holds in the older dialects', async () => {
  await using server = await serve([SizesController], NARROW);
  const dealer = new Dealer({ linger: 0 });
  dealer.connect(server.endpoints[0] ?? '');
  for (const packet of [
    `{"pattern":"bytes","data":${MIB + 1}}`,
    `{"pattern":"fails","data":${MIB}}`,
  ]) {
    await dealer.send(['', 'REQUEST', 'id', packet]);
    expect(String((await dealer.receive())[3])).toContain('maxMessageSize allows 1048576');
  }
  dealer.close();
});

test('a client that announces a limit of zero gets an error, and the server survives', async () => {
  await using server = await serve([SizesController]);
  const dealer = new Dealer({ linger: 0 });
  dealer.connect(server.endpoints[0] ?? '');
  await dealer.send(['', 'PING', '1', '1', '{"maxMessageSize":-1}']);
  expect(String((await dealer.receive())[1])).toBe('PONG');
  await dealer.send(['', 'REQUEST', '1', '3', '{"pattern":"bytes"}']);
  const [, , , body, headers] = await dealer.receive();
  expect([String(body), String(headers)]).toEqual([
    expect.stringContaining('maxMessageSize allows -1'),
    '{"status":"error"}',
  ]);
  dealer.close();
});

test("a client that exceeds the server's limit loses its own connection only", async () => {
  await using server = await serve([SizesController], NARROW);
  using client = connectTo(server.endpoints);
  expect(await firstValueFrom(client.send('length', 'abc'))).toBe(3);
  const dealer = new Dealer({ linger: 0, reconnectInterval: -1, sendTimeout: 0 });
  const ended = new Promise((resolve) => dealer.events.on('disconnect', resolve));
  dealer.connect(server.endpoints[0] ?? '');
  await new Promise((resolve) => dealer.events.on('handshake', resolve));
  await dealer.send(['', 'REQUEST', 'id', Buffer.alloc(MIB + 1)]);
  await ended;
  expect(await firstValueFrom(client.send('length', 'abcd'))).toBe(4);
  dealer.close();
});

test('with the engine `node` a client that sends a message of too many frames loses its own connection only', async () => {
  await using server = await serve([SizesController], { engine: 'node' });
  using client = connectTo(server.endpoints);
  const dealer = new Dealer({ linger: 0, reconnectInterval: -1, sendTimeout: 0 });
  const ended = new Promise((resolve) => dealer.events.on('disconnect', resolve));
  dealer.connect(server.endpoints[0] ?? '');
  await dealer.send(Array<string>(2048).fill(''));
  await eventually(() => expect(server.strategy.stats().dropped).not.toEqual({}));
  await dealer.send(Array<string>(2049).fill(''));
  await ended;
  expect(await firstValueFrom(client.send('length', 'abcd'))).toBe(4);
  dealer.close();
});

test('pattern and metadata have a bound of their own', async () => {
  await using server = await serve([SizesController]);
  using client = connectTo(server.endpoints);
  const tooLong = { code: 'EMSGSIZE', message: expect.stringContaining('may take 16384 bytes') };
  const record = new FreelanceRecordBuilder('abc').setMetadata({ a: 'x'.repeat(16_384) }).build();
  expect(await outcome(client.send('length', record))).toMatchObject(tooLong);
  expect(await outcome(client.send('p'.repeat(16_385), 'abc'))).toMatchObject(tooLong);
  const fits = new FreelanceRecordBuilder('abc').setMetadata({ a: 'x'.repeat(16_000) }).build();
  expect(await outcome(client.send('length', fits))).toBe(3);
});
