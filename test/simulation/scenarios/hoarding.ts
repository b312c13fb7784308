import type {
  Connection,
  OutgoingSocketFrames,
  SocketPort,
} from '../../../lib/sockets/socket-port.js';
import type { SimulatedDealer } from '../network/dealer.js';
import type { SimulatedSockets } from '../network/network.js';
import type { Timeline } from '../time/timeline.js';
import { anything } from './anything.js';
import type { Scenario } from './scenario.js';

/** Uses sockets with ZeroMQ's defaults, which must break a rule. */
export const hoarding: Scenario = {
  name: 'hoarding',
  plan: (chance) => ({ ...anything.plan(chance), spoil: hoardingSockets }),
};

const RECONNECT_MS = 10;

/** DEALERs that reconnect by themselves, and keep messages for the server's successor. */
function hoardingSockets(sockets: SimulatedSockets, timeline: Timeline): SocketPort {
  return {
    bind: (addresses, listener) => sockets.bind(addresses, listener),
    connect(endpoint, listener): Connection {
      const kept: { frames: OutgoingSocketFrames; givenAt: number }[] = [];
      let isReady = false;
      let isClosed = false;
      const open = () =>
        sockets.connect(endpoint, {
          onReady() {
            isReady = true;
            listener.onReady();
            for (const { frames, givenAt } of kept.splice(0)) {
              connection.send(frames, undefined, givenAt);
            }
          },
          onMessage: (frames) => listener.onMessage(frames),
          onLost() {
            isReady = false;
            timeline.in(RECONNECT_MS, () => {
              if (!isClosed) connection = open();
            });
          },
        });
      let connection: SimulatedDealer = open();
      return {
        send(frames) {
          if (isReady) connection.send(frames);
          else kept.push({ frames, givenAt: timeline.now });
        },
        close() {
          isClosed = true;
          connection.close();
        },
        traffic: () => connection.traffic(),
        unwrap: () => connection.unwrap(),
      };
    },
  };
}
