// Two servers, and clients that call, read a stream, lose a server, and authenticate themselves: what a runtime, or a bundle,
// has to be able to do. It ends by itself, with what it has tried; or it fails.
import 'reflect-metadata';
import { strict as assert } from 'node:assert';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  FreelanceClientProxy,
  FreelanceTransportServer,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import { firstValueFrom, from, lastValueFrom, toArray } from 'rxjs';

async function serve(name, options = {}) {
  class MathController {
    sum(numbers) {
      return numbers.reduce((total, number) => total + number, 0);
    }

    count(upTo) {
      return from(Array.from({ length: upTo }, (_, n) => n));
    }

    who() {
      return name;
    }

    bytes(data) {
      return Buffer.from(data.toReversed());
    }
  }
  class MathModule {
    name = name;
  }
  // What the decorators of TypeScript do: this has to run as it is.
  const { prototype } = MathController;
  for (const pattern of ['sum', 'count', 'who', 'bytes']) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, pattern);
    MessagePattern(pattern)(prototype, pattern, descriptor);
  }
  Controller()(MathController);
  Module({ controllers: [MathController] })(MathModule);
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', ...options });
  const app = await NestFactory.createMicroservice(MathModule, { strategy, logger: false });
  await app.listen();
  return { app, endpoints: strategy.endpoints };
}

// In a function, since a bundle in CommonJS has no `await` at its top.
async function live() {
  const done = [];
  const tried = (what) => done.push(what);

  const one = await serve('one');
  const two = await serve('two');
  const client = new FreelanceClientProxy({ endpoints: [...one.endpoints, ...two.endpoints] });

  for (let n = 0; n < 500; n++) {
    assert.equal(await firstValueFrom(client.send('sum', [n, 1])), n + 1);
  }
  const together = Array.from({ length: 1000 }, (_, n) =>
    firstValueFrom(client.send('sum', [n, 1])),
  );
  assert.deepEqual(
    await Promise.all(together),
    together.map((_, n) => n + 1),
  );
  tried('calls');

  const values = await lastValueFrom(client.send('count', 3000).pipe(toArray()));
  assert.equal(values.length, 3000);
  assert.ok(values.every((value, n) => value === n));
  tried('streams');

  const bytes = await firstValueFrom(client.send('bytes', Buffer.alloc(300_000, 7)));
  assert.equal(bytes.length, 300_000);
  assert.ok(bytes.every((byte) => byte === 7));
  tried('bytes');

  // A rolling restart: every call is answered, by whoever is left.
  const over = new AbortController();
  const calling = (async () => {
    while (!over.signal.aborted)
      assert.match(await firstValueFrom(client.send('who', {})), /one|two/);
  })();
  await one.app.close();
  assert.equal(await firstValueFrom(client.send('who', {})), 'two');
  over.abort();
  await calling;
  tried('failover');

  const serverKeys = generateCurveKeyPair();
  const clientKeys = generateCurveKeyPair();
  const secured = await serve('secured', {
    security: { mechanism: 'curve', ...serverKeys, authorizedClients: [clientKeys.publicKey] },
  });
  const friend = (keys) =>
    new FreelanceClientProxy({
      endpoints: secured.endpoints,
      connectTimeout: 2000,
      security: { mechanism: 'curve', ...keys, serverKey: serverKeys.publicKey },
    });
  const known = friend(clientKeys);
  assert.equal(await firstValueFrom(known.send('who', {})), 'secured');
  const stranger = friend(generateCurveKeyPair());
  await assert.rejects(firstValueFrom(stranger.send('who', {})), { code: 'UNAUTHORIZED' });
  tried('CURVE');

  for (const open of [client, known, stranger]) open.close();
  for (const { app } of [two, secured]) await app.close();
  console.log(`${done.join(', ')}: done`);
}

live().catch((error) => {
  console.error(error);
  process.exit(1);
});
