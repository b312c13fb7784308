import type { SocketPort } from '../../../lib/sockets/socket-port.js';
import type { Engine } from '../../simulation/network/engines.js';
import { Network } from '../../simulation/network/network.js';
import { Chance } from '../../simulation/time/chance.js';
import { Timeline } from '../../simulation/time/timeline.js';
import { Process } from '../../simulation/world/process.js';
import { OPTIONS, type Place } from './harness.js';
import { socketContract } from './socket-contract.js';

const SEND_QUEUE = 3000;

/** Virtual time that a test may take, in ms. */
const PATIENCE_MS = 600_000;

async function open(engine: Engine): Promise<Place> {
  const timeline = new Timeline();
  const chance = new Chance(1);
  const traffic = { connecting() {}, sent() {}, ended() {} };
  const latency = () => ({ ms: 5, jitterMs: 5 });
  const network = new Network({ latency, sendQueue: SEND_QUEUE, traffic }, timeline, chance);
  const thrown: unknown[] = [];
  let hosts = 0;
  const sockets = (name: string): SocketPort => {
    const threw = (_: Process, error: unknown) => thrown.push(error);
    const process = new Process(name, name, timeline, chance.fork(), { acted() {}, threw });
    const { heartbeatInterval, heartbeatTimeout } = OPTIONS;
    return network.sockets(
      process,
      { interval: heartbeatInterval, timeout: heartbeatTimeout },
      engine,
    );
  };
  const newAddress = () => `tcp://server:${5000 + hosts++}`;
  const pass = async (ms: number) => {
    // What is to be told soon is told in the next step, whatever that is.
    timeline.in(0, () => {});
    await timeline.runUntil(timeline.now + ms, () => true);
  };
  return {
    servers: sockets('server'),
    newClient: () => sockets(`client-${hosts++}`),
    newAddress,
    newEndpoint: async () => newAddress(),
    async until(check) {
      for (const patience = timeline.now + PATIENCE_MS; ; await pass(10)) {
        try {
          check();
          return;
        } catch (error) {
          if (timeline.now > patience) throw error;
        }
      }
    },
    settle: () => pass(10_000),
    async uncaught(run) {
      await run();
      return thrown.splice(0);
    },
    tearDown: async () => {},
  };
}

const traits = {
  tellsEnds: true,
  limitsFrames: false,
  flood: { messages: 2 * SEND_QUEUE, bytes: 10 },
};

socketContract('the simulation of node', {
  traits: { ...traits, namesTheLost: true, keepsLastWords: true },
  open: () => open('node'),
});
socketContract('the simulation of libzmq', {
  traits: { ...traits, namesTheLost: false, keepsLastWords: false },
  open: () => open('libzmq'),
});
