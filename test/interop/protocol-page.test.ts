import { readFileSync } from 'node:fs';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceContext, generateCurveKeyPair } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { connectTo, serve } from '../support/nest.js';
import { curveServer, keys } from '../support/security.js';
import { freeEndpoint } from '../support/ports.js';
import { describeWithPython, python } from './python.js';

const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
const programs = [...page.matchAll(/```python\n(.*?)```/gs)].map(([, program = '']) => program);

const [aServer, aClient, withCurve, guideServer, guideClient] = programs;

function run(program: string | undefined, endpoint: string, ...args: string[]): Child {
  const local = program?.replace('tcp://127.0.0.1:5555', endpoint);
  return new Child(python, ['-c', local ?? '', ...args]);
}

const sumOf = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

@Controller()
class SumController {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return sumOf(numbers);
  }
}

/** Its answers also say to whom. */
@Controller()
class SumToController {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[], @Ctx() ctx: FreelanceContext) {
    return { sum: sumOf(numbers), to: ctx.getPeer() };
  }
}

describeWithPython('the programs of PROTOCOL.md', () => {
  test('understand each other, and the server understands a Nest client', async () => {
    expect(programs).toHaveLength(5);
    const endpoint = await freeEndpoint();
    await using server = run(aServer, endpoint);
    using nest = connectTo([endpoint]);
    expect(await firstValueFrom(nest.send('sum', [20, 22]))).toBe(42);
    await using client = run(aClient, endpoint);
    expect(await client.nextLine()).toBe(3);
    expect(await client.ended()).toBe(0);
    expect(server.errors).toBe('');
  });

  test('understand a Nest server', async () => {
    await using server = Child.node('math-server');
    const { endpoints } = (await server.nextLine()) as { endpoints: string[] };
    await using client = run(aClient, endpoints[0] ?? '');
    expect(await client.nextLine()).toBe(3);
  });

  test('of the guide understand each other', async () => {
    const endpoint = await freeEndpoint();
    await using server = run(guideServer, endpoint);
    await using client = run(guideClient, endpoint, endpoint);
    expect(await client.nextLine()).toBe(3);
    expect(await client.ended()).toBe(0);
    expect(server.errors).toBe('');
  });

  test.each(['node', 'libzmq'] as const)(
    'of the guide understand two Nest servers with the engine %s, of which one has died',
    async (engine) => {
      const [dead, endpoint] = [await freeEndpoint(), await freeEndpoint()];
      await using served = await serve([SumController], {
        engine,
        bind: endpoint,
        guideIdentity: endpoint,
      });
      await using client = run(guideClient, endpoint, dead, endpoint);
      expect(await client.nextLine()).toBe(3);
      expect(await client.ended()).toBe(0);
      expect(served.strategy.stats()).toMatchObject({ accepted: 1, dropped: {} });
    },
  );

  test('of the guide find out that nobody is there', async () => {
    const nobody = await freeEndpoint();
    await using client = run(guideClient, nobody, nobody);
    expect(await client.ended()).toBe(1);
    expect(client.errors).toContain('nobody answers');
  });

  test('authenticate by CURVE to a Nest server', async () => {
    await using served = await serve([SumToController], {
      security: curveServer([keys.alice.publicKey]),
    });
    const [endpoint = ''] = served.endpoints;
    const { publicKey, secretKey } = keys.alice;
    await using hers = run(withCurve, endpoint, publicKey, secretKey, keys.server.publicKey);
    expect(await hers.nextLine()).toEqual({
      sum: 3,
      to: { publicKey, userId: publicKey, address: '127.0.0.1' },
    });
    expect(await hers.ended()).toBe(0);

    const stranger = generateCurveKeyPair();
    const strangers = [stranger.publicKey, stranger.secretKey, keys.server.publicKey];
    await using theirs = run(withCurve, endpoint, ...strangers);
    expect(await theirs.ended()).toBe(1);
    expect(theirs.errors).toContain('this key is not authorized');
    expect(served.strategy.stats()).toMatchObject({ accepted: 1 });
  });

  // The engine `node` knows the client by its handshake, so its routing id does not matter.
  test.each([
    ['libzmq', 'DENIED'],
    ['node', expect.objectContaining({ status: 'error' })],
  ] as const)(
    'with CURVE, but without a seal, at a server with the engine %s',
    async (engine, heard) => {
      const security = curveServer([keys.alice.publicKey]);
      await using served = await serve([], { engine, security });
      const { publicKey, secretKey } = keys.alice;
      const silent = withCurve?.replace(/^server\.routing_id = .*$/m, '');
      const args = [publicKey, secretKey, keys.server.publicKey];
      await using client = run(silent, served.endpoints[0] ?? '', ...args);
      expect(await client.nextLine()).toEqual(heard);
    },
  );
});
