import { afterEach, describe, expect, test, vi } from 'vitest';
import { curveKeyPair, Dealer, Router } from 'zeromq';
import { Access } from '../../../lib/security/access.js';
import { sharedSecret } from '../../../lib/security/curve-keys.js';
import { Doorkeeper, type ServerSecurity } from '../../../lib/security/doorkeeper.js';
import { SealBook } from '../../../lib/security/seal-book.js';
import { seal } from '../../../lib/security/seal.js';
import { decodeZ85 } from '../../../lib/security/z85.js';
import { loadZeromq } from '../../../lib/sockets/zeromq/library.js';
import { type Door, ZapHandler } from '../../../lib/sockets/zeromq/zap-handler.js';
import { eventually } from '../../support/eventually.js';

const server = curveKeyPair();
await loadZeromq();
const handler = new ZapHandler();
const open: { leave?(): void; close?(): void }[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const thing of open.splice(0)) {
    thing.close?.();
    thing.leave?.();
  }
});

/** A server with this function, and what it was told. */
async function guarded(judge: ServerSecurity['judge'], by = handler) {
  const own = { mechanism: 'curve', ...server } as const;
  const doorkeeper = new Doorkeeper({ own, access: new Access(), judge, allowAnonymous: false });
  const told: unknown[] = [];
  const seals = new SealBook(doorkeeper, { onRevoked: () => {}, onForged: () => {} });
  const door = await by.guard(seals, {
    onRefused: () => told.push('refused'),
    onUndecided: (error) => told.push(String(error)),
  });
  open.push(door);
  return { door, told, doorkeeper, seals };
}

/** Asks as libzmq does. */
function asking({ context, domain }: Door) {
  const dealer = new Dealer({ context, linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 });
  dealer.connect('inproc://zeromq.zap.01');
  open.unshift(dealer);
  const statuses: string[] = [];
  void (async () => {
    try {
      for await (const [, , , status] of dealer) statuses.push(String(status));
    } catch {
      // It was closed.
    }
  })();
  return {
    statuses,
    ask: async (times: number, given?: Buffer) => {
      for (let time = 0; time < times; time++) {
        const key = given ?? Buffer.alloc(32, 9);
        if (!given) key.writeUInt32BE(time);
        await dealer.send(['', '1.0', '1', domain, '10.0.0.1', '', 'CURVE', key]);
      }
    },
  };
}

const never = () => new Promise<never>(() => {});

describe('the open questions of a server', () => {
  test('have their own limit: other servers are answered while its function never settles', async () => {
    const patient = new ZapHandler(600_000);
    const hanging = await guarded(never, patient);
    const other = await guarded(() => true, patient);
    const [lost, fine] = [asking(hanging.door), asking(other.door)];
    await lost.ask(1500);
    await eventually(() => expect(lost.statuses).toHaveLength(1500 - 1024));
    expect(new Set(lost.statuses)).toEqual(new Set(['500']));
    await fine.ask(3000);
    await eventually(() => expect(fine.statuses).toHaveLength(3000));
    expect(new Set(fine.statuses)).toEqual(new Set(['200']));
    expect(hanging.told).toHaveLength(1500 - 1024);
    expect(hanging.told[0]).toContain('has not answered 1024 questions');
  });

  test('time out, and then make room for others', async () => {
    let isHanging = true;
    const { door, told } = await guarded(() => (isHanging ? never() : true));
    const asker = asking(door);
    await asker.ask(1024);
    await eventually(() => expect(asker.statuses).toHaveLength(1024));
    expect(new Set(asker.statuses)).toEqual(new Set(['500']));
    expect(told[0]).toContain('has not answered for 4000 ms');
    isHanging = false;
    await asker.ask(1024);
    await eventually(() => expect(asker.statuses).toHaveLength(2048));
    expect(asker.statuses.slice(1024)).not.toContain('500');
  });

  test('are not remembered if they were answered too late', async () => {
    const alice = curveKeyPair();
    let answer = (_isAuthorized: boolean) => {};
    const { door, doorkeeper, seals } = await guarded(
      () => new Promise<boolean>((resolve) => (answer = resolve)),
    );
    const asker = asking(door);
    await asker.ask(1, decodeZ85(alice.publicKey));
    await eventually(() => expect(asker.statuses).toEqual(['500']));
    answer(true);
    await new Promise(setImmediate);
    const secret = sharedSecret(alice.secretKey, server.publicKey) ?? Buffer.alloc(0);
    const hers = seal('curve', alice.publicKey, Buffer.alloc(16), secret);
    expect(seals.identify(hers)).toBeUndefined();
    // One that is answered in time is.
    await asker.ask(1, decodeZ85(alice.publicKey));
    await new Promise(setImmediate);
    await eventually(() => (answer(true), expect(asker.statuses).toEqual(['500', '200'])));
    doorkeeper.authorize(alice.publicKey);
    expect(seals.identify(hers)).toBeDefined();
  });

  test('end when its function throws, rejects, or says no', async () => {
    const answers = [
      () => {
        throw new Error('thrown');
      },
      () => Promise.reject(new Error('rejected')),
      () => false,
    ];
    const { door, told } = await guarded(() => answers.shift()?.());
    const asker = asking(door);
    await asker.ask(3);
    await eventually(() => expect(asker.statuses).toHaveLength(3));
    expect(asker.statuses.toSorted()).toEqual(['400', '500', '500']);
    expect(told).toEqual(['Error: thrown', 'Error: rejected', 'refused']);
  });

  test('for an unknown server are answered with a refusal', async () => {
    const { door } = await guarded(() => true);
    const asker = asking({ ...door, domain: 'another' });
    await asker.ask(1);
    await eventually(() => expect(asker.statuses).toEqual(['500']));
  });
});

test('all servers share one receive, and the last one ends it', async () => {
  const fresh = new ZapHandler();
  const receive = vi.spyOn(Router.prototype, 'receive');
  for (let servers = 1; servers <= 3; servers++) await guarded(() => true, fresh);
  await new Promise(setImmediate);
  expect(receive).toHaveBeenCalledTimes(1);
  for (const thing of open.splice(0)) thing.leave?.();
  await eventually(() => expect(receive.mock.settledResults).toHaveLength(1));
  await new Promise(setImmediate);
  expect(receive).toHaveBeenCalledTimes(1);
  // The next one begins anew.
  await guarded(() => true, fresh);
  expect(receive).toHaveBeenCalledTimes(2);
});

describe('a bind of the handler', () => {
  const failure = (code: string) => Object.assign(new Error(code), { code });

  test('that was interrupted is repeated', async () => {
    const bind = vi.spyOn(Router.prototype, 'bind');
    bind.mockRejectedValueOnce(failure('EINTR'));
    const { door } = await guarded(() => true, new ZapHandler());
    expect(bind).toHaveBeenCalledTimes(2);
    const asker = asking(door);
    await asker.ask(1);
    await eventually(() => expect(asker.statuses).toEqual(['200']));
  });

  test('that fails fails its server, and is repeated for the next one', async () => {
    const fresh = new ZapHandler();
    const bind = vi.spyOn(Router.prototype, 'bind');
    bind.mockRejectedValueOnce(failure('EMFILE'));
    await expect(guarded(() => true, fresh)).rejects.toThrow('EMFILE');
    const { door } = await guarded(() => true, fresh);
    const asker = asking(door);
    await asker.ask(1);
    await eventually(() => expect(asker.statuses).toEqual(['200']));
  });

  test('that is always interrupted fails in the end', async () => {
    vi.spyOn(Router.prototype, 'bind').mockRejectedValue(failure('EINTR'));
    await expect(guarded(() => true, new ZapHandler())).rejects.toThrow('EINTR');
  });
});
