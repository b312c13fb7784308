import { memorySockets } from '../../../lib/sockets/memory/memory-sockets.js';
import { overInproc } from './addresses.js';
import { socketContract } from './socket-contract.js';

socketContract('memory', {
  traits: {
    namesTheLost: true,
    tellsEnds: true,
    keepsLastWords: true,
    limitsFrames: false,
    flood: { messages: 2000, bytes: 65_536 },
  },
  open: () => overInproc(memorySockets()),
});
