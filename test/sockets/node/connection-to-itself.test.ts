import { expect, test } from 'vitest';
import { ClientAttempt } from '../../../lib/sockets/node/client-attempt.js';
import { nullMechanism } from '../../../lib/zmtp/null-mechanism.js';
import { freeEndpoint } from '../../support/ports.js';

test('a connection to itself counts as refused, and frees its port', async () => {
  const port = Number((await freeEndpoint()).split(':').at(-1));
  const failure = await new Promise((resolve, reject) => {
    const attempt: ClientAttempt = new ClientAttempt(
      // What the system may choose by itself where nobody listens.
      { host: '127.0.0.1', port, localPort: port },
      {
        maxMessageSize: 1024,
        mostQueuedBytes: 1024,
        isAsked: false,
        mechanism: () => nullMechanism({ socketType: 'DEALER', routingId: Buffer.alloc(0) }),
        why: () => ({ reason: 'the handshake failed' }),
      },
      {
        onConnected() {},
        onReady: () => reject(new Error('it took itself for a server')),
        onFailed: (told) => resolve({ ...told, isDestroyed: attempt.socket.destroyed }),
      },
      { onMessage() {}, onEnded() {} },
    );
  });
  expect(failure).toEqual({ reason: 'the connection was refused', isDestroyed: true });
});
