import { readFileSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { connectTo } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { describeWithPython, python } from './python.js';

const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
const programs = [...page.matchAll(/```python\n(.*?)```/gs)].map(([, program = '']) => program);

function run(program: string | undefined, endpoint: string): Child {
  const local = program?.replace('tcp://127.0.0.1:5555', endpoint);
  return new Child(python, ['-c', local ?? '']);
}

describeWithPython('the two programs of PROTOCOL.md', () => {
  test('understand each other, and the server understands a Nest client', async () => {
    expect(programs).toHaveLength(2);
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
});
