import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { bindError } from '../../lib/sockets/bind-error.js';
import { reasonOf } from '../../lib/sockets/reason-of.js';

/** What zeromq.js fails with when libzmq's monitor has overwritten the code: seen once in some hundred binds on a busy machine. */
const meaningless = Object.assign(new Error('Resource temporarily unavailable'), {
  code: 'EAGAIN',
});

test('a meaningless code of libzmq is replaced by that of Node for the same address', async () => {
  // TEST-NET-1 of RFC 5737, which no machine has.
  expect(await bindError('tcp://192.0.2.1:5555', meaningless)).toMatchObject({
    code: 'EADDRNOTAVAIL',
    message:
      'cannot bind tcp://192.0.2.1:5555: 192.0.2.1 is no address of this machine (EADDRNOTAVAIL)',
  });
  expect(await bindError('tcp://no-such-host.invalid:5555', meaningless)).toMatchObject({
    code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
  });
});

test('a meaningless code stays where Node has no better one', async () => {
  expect(await bindError('tcp://127.0.0.1:0', meaningless)).toMatchObject({ code: 'EAGAIN' });
  expect(await bindError('inproc://name', meaningless)).toMatchObject({ code: 'EAGAIN' });
});

test('the code of an error from another realm is found, as of zeromq.js under Jest', async () => {
  const inUse: unknown = runInNewContext(
    `Object.assign(new Error('Address already in use'), { code: 'EADDRINUSE' })`,
  );
  expect(inUse).not.toBeInstanceOf(Error);
  expect(await bindError('tcp://127.0.0.1:5555', inUse)).toMatchObject({ code: 'EADDRINUSE' });
  expect(reasonOf(inUse)).toBe('Address already in use');
});

test('a lack of file descriptors is described', async () => {
  const full = Object.assign(new Error('listen EMFILE: too many open files'), { code: 'EMFILE' });
  expect(await bindError('ipc://*', full)).toMatchObject({
    code: 'EMFILE',
    message: 'cannot bind ipc://*: this process has no file descriptor left (EMFILE)',
  });
});
