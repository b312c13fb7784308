import { nodeSockets } from '../../../lib/sockets/node/node-sockets.js';
import { overInproc, overIpc, overTcp } from './addresses.js';
import { OPTIONS } from './harness.js';
import { socketContract } from './socket-contract.js';

const sockets = nodeSockets(OPTIONS);

const traits = {
  namesTheLost: true,
  tellsEnds: true,
  keepsLastWords: true,
  limitsFrames: true,
  flood: { messages: 300, bytes: 2 ** 20 },
};

socketContract('node over tcp', { traits, open: async () => overTcp(await sockets) });
socketContract('node over ipc', { traits, open: async () => overIpc(await sockets) });
socketContract('node over inproc', {
  traits: { ...traits, limitsFrames: false },
  open: async () => overInproc(await sockets),
});
