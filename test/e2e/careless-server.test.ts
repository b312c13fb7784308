import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { connectTo } from '../support/nest.js';

test('a server process survives handlers whose clean-up throws when their callers leave', async () => {
  await using child = Child.node('careless-server');
  const { endpoints } = (await child.nextLine()) as { endpoints: string[] };
  using client = connectTo(endpoints);
  for (const pattern of [
    'finally that throws',
    'return that rejects',
    'teardown that throws',
    'aborted',
    'abort listener that throws',
  ]) {
    // Its caller leaves after the first value.
    expect(await firstValueFrom(client.send(pattern, {}))).toEqual(expect.any(Number));
    expect(await firstValueFrom(client.send('echo', {}))).toBe('echo');
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await firstValueFrom(client.send('echo', {}))).toBe('echo');
  expect(child.errors).toContain('careless');
});
