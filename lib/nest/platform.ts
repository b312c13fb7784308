import { type Environment, systemEnvironment } from '../agents/clock.js';
import type { ServerAgent } from '../agents/server/server-agent.js';
import type { EngineOptions } from '../sockets/engine-options.js';
import { type FreelanceEngine, socketsOf } from '../sockets/engine.js';
import type { SocketPort } from '../sockets/socket-port.js';

/** What a client or a server runs on: time, chance and sockets. Those of the test kit obey the test. */
export interface Platform {
  readonly environment: Environment;
  socketsOf(engine: FreelanceEngine, options: EngineOptions): SocketPort;
  /** Gets each agent of a server when it opens. To close one is to end it like its process: nothing is drained. */
  readonly serverOpened?: (agent: Pick<ServerAgent, 'close'>) => void;
}

/** The system, and the engine that the options name. */
export const SYSTEM: Platform = { environment: systemEnvironment, socketsOf };
