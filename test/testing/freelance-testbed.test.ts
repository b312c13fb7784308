import { afterEach, expect, test } from 'vitest';
import { bedOf, call, closeBeds, statesOf } from './bed-app.js';

afterEach(closeBeds);

test('the client is connected to every server once the testbed is created', async () => {
  const bed = await bedOf();
  expect(statesOf(bed)).toEqual(['alive', 'alive', 'alive']);
  expect(await call(bed, 'echo', 1)).toBe(1);
  expect(Object.keys(bed.client.stats().endpoints)).toEqual(bed.endpoints);
  expect(bed.server(3)).toMatchObject({ number: 3, id: 'server-3', endpoint: bed.endpoints[2] });
});
