import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { describe, expect, test } from 'vitest';

type Tree = { [key: string]: unknown };

/** Whatever a careless reader may do to an object that it got. */
function spoil(tree: Tree): void {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'object' && value !== null) spoil(value as Tree);
    tree[key] = 'spoilt';
  }
  tree['added'] = 'spoilt';
  if (Array.isArray(tree)) tree.length = 0;
}

/** The client connects, so that its agent tells, but needs no server for that. */
function connected(): FreelanceClientProxy {
  const client = new FreelanceClientProxy({ endpoints: 'tcp://127.0.0.1:1', subset: { size: 1 } });
  client.addEndpoint('tcp://127.0.0.1:2');
  client.connect().catch(() => {});
  return client;
}

function listening(): Promise<FreelanceTransportServer> {
  const server = new FreelanceTransportServer({ bind: 'inproc://stats' });
  return new Promise((resolve, reject) => {
    server.listen((error) => (error ? reject(error) : resolve(server)));
  });
}

describe('changing what stats() returned does not change what it returns next', () => {
  test.each([
    [
      'a client before it connects',
      () => new FreelanceClientProxy({ endpoints: 'tcp://127.0.0.1:1' }),
    ],
    ['a client that connects', connected],
    [
      'a server before it listens',
      () => new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' }),
    ],
    ['a server that listens', listening],
  ])('%s', async (_, make) => {
    const made = await make();
    const before = structuredClone(made.stats());
    spoil(made.stats() as unknown as Tree);
    expect(made.stats()).toEqual(before);
    await made.close();
  });
});

test('changing the array of server.endpoints does not change the server’s', async () => {
  const server = await listening();
  (server.endpoints as string[]).push('spoilt');
  expect(server.endpoints).toEqual(['inproc://stats']);
  await server.close();
});
