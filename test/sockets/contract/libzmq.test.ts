import { zeromqSockets } from '../../../lib/sockets/zeromq/zeromq-sockets.js';
import { overInproc, overIpc, overTcp } from './addresses.js';
import { OPTIONS } from './harness.js';
import { socketContract } from './socket-contract.js';

const sockets = await zeromqSockets(OPTIONS);

/** More than its queue of 8192, that of the receiving side, and what fits into the buffers of the system. */
const flood = { messages: 40_000, bytes: 1024 };

const traits = {
  namesTheLost: false,
  tellsEnds: true,
  keepsLastWords: false,
  limitsFrames: true,
  // A client's thread reads whatever comes; of one that does not read at all test/e2e/hostile-clients.test.ts knows.
  flood: undefined,
};

socketContract('libzmq over tcp', { traits, open: () => overTcp(sockets) });
socketContract('libzmq over ipc', { traits, open: () => overIpc(sockets) });
socketContract('libzmq over inproc', {
  traits: { ...traits, tellsEnds: false, limitsFrames: false, flood },
  open: () => overInproc(sockets),
});
