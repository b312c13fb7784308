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

function run(program: string | undefined, endpoint: string, ...args: string[]): Child {
  const local = program?.replace('tcp://127.0.0.1:5555', endpoint);
  return new Child(python, ['-c', local ?? '', ...args]);
}

describeWithPython('the programs of PROTOCOL.md', () => {
  test('understand each other, and the server understands a Nest client', async () => {
    expect(programs).toHaveLength(3);
    const endpoint = await freeEndpoint();
    await using server = run(programs[0], endpoint);
    using nest = connectTo([endpoint]);
    expect(await firstValueFrom(nest.send('sum', [20, 22]))).toBe(42);
    await using client = run(programs[1], endpoint);
    expect(await client.nextLine()).toBe(3);
    expect(await client.ended()).toBe(0);
    expect(server.errors).toBe('');
  });

  test('understand a Nest server', async () => {
    await using server = Child.node('math-server');
    const { endpoints } = (await server.nextLine()) as { endpoints: string[] };
    await using client = run(programs[1], endpoints[0] ?? '');
    expect(await client.nextLine()).toBe(3);
  });

  test('say who they are, with CURVE, to a Nest server', async () => {
    @Controller()
    class SumController {
      @MessagePattern('sum')
      sum(@Payload() numbers: number[], @Ctx() ctx: FreelanceContext) {
        return { sum: numbers.reduce((total, number) => total + number, 0), to: ctx.getPeer() };
      }
    }

    await using served = await serve([SumController], {
      security: curveServer([keys.alice.publicKey]),
    });
    const [endpoint = ''] = served.endpoints;
    const { publicKey, secretKey } = keys.alice;
    await using hers = run(programs[2], endpoint, publicKey, secretKey, keys.server.publicKey);
    expect(await hers.nextLine()).toEqual({
      sum: 3,
      to: { publicKey, userId: publicKey, address: '127.0.0.1' },
    });
    expect(await hers.ended()).toBe(0);

    const stranger = generateCurveKeyPair();
    const strangers = [stranger.publicKey, stranger.secretKey, keys.server.publicKey];
    await using theirs = run(programs[2], endpoint, ...strangers);
    expect(await theirs.ended()).toBe(1);
    expect(theirs.errors).toContain('this key is not authorized');
    expect(served.strategy.stats()).toMatchObject({ accepted: 1 });
  });

  // Node's sockets know it by the handshake: what they say is not needed.
  test.each([
    ['libzmq', 'DENIED'],
    ['node', expect.objectContaining({ status: 'error' })],
  ] as const)(
    'with CURVE at a server with %s, if they do not say who they are',
    async (engine, heard) => {
      const security = curveServer([keys.alice.publicKey]);
      await using served = await serve([], { engine, security });
      const { publicKey, secretKey } = keys.alice;
      const silent = programs[2]?.replace(/^server\.routing_id = .*$/m, '');
      const args = [publicKey, secretKey, keys.server.publicKey];
      await using client = run(silent, served.endpoints[0] ?? '', ...args);
      expect(await client.nextLine()).toEqual(heard);
    },
  );
});
