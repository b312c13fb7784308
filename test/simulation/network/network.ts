import type {
  ConnectionListener,
  ServerListener,
  ServerSocket,
  SocketPort,
} from '../../../lib/sockets/socket-port.js';
import type { BindError } from '../../../lib/sockets/bind-error.js';
import type { Chance } from '../time/chance.js';
import type { Timeline } from '../time/timeline.js';
import type { Process } from '../world/process.js';
import { hostOf } from './addresses.js';
import { SimulatedDealer } from './dealer.js';
import { End, type EndListener, type Traffic } from './end.js';
import type { Engine } from './engines.js';
import { HeartbeatWatch, type ZmtpHeartbeats } from './heartbeat-watch.js';
import { Pipe } from './pipe.js';
import { SimulatedRouter } from './router.js';
import type { Route } from './route.js';
import { type Latency, Routes } from './routes.js';

export interface NetworkOptions {
  /** How long one message takes from host to host. */
  latency(from: string, to: string): Latency;
  /** How many messages may wait for a client that does not read. */
  readonly sendQueue: number;
  readonly traffic: Traffic;
}

export interface SimulatedSockets extends SocketPort {
  connect(endpoint: string, listener: ConnectionListener): SimulatedDealer;
}

/** The process that owns these sockets. */
interface Program {
  readonly process: Process;
  readonly heartbeats: ZmtpHeartbeats;
  readonly engine: Engine;
}

interface Listening {
  readonly router: SimulatedRouter;
  readonly program: Program;
}

/** Hosts and the routes between them, listening servers, and every connection. */
export class Network {
  /** When the message that a server is hearing right now was sent. */
  hearsWhatWasSentAt: number | undefined;
  readonly #options: NetworkOptions;
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #routes: Routes;
  readonly #listening = new Map<string, Listening>();
  readonly #ends = new Set<End>();
  /** Connections that have just ended: some of their messages may not be written yet. */
  readonly #lingering = new Set<End>();
  /** The client's end of the latest connection between a process and a server. */
  readonly #latest = new Map<string, End>();
  readonly #endedLastAt = new Map<Process, number>();
  readonly #endedLastBetween = new Map<string, number>();
  readonly #heartbeats: HeartbeatWatch;

  constructor(options: NetworkOptions, timeline: Timeline, chance: Chance) {
    this.#options = options;
    this.#timeline = timeline;
    this.#chance = chance;
    this.#routes = new Routes((from, to) => options.latency(from, to), timeline, chance);
    this.#heartbeats = new HeartbeatWatch(timeline, chance.fork());
  }

  /** The network as one process uses it. */
  sockets(
    process: Process,
    heartbeats: ZmtpHeartbeats,
    engine: Engine = 'libzmq',
  ): SimulatedSockets {
    const program = { process, heartbeats, engine };
    return {
      connect: (endpoint, listener) => this.#connect(program, endpoint, listener),
      bind: async (addresses, listener) => this.#bind(program, addresses, listener),
    };
  }

  route(from: string, to: string): Route {
    return this.#routes.between(from, to);
  }

  darken(from: string, to: string): void {
    const route = this.route(from, to);
    route.darken();
    this.#watch(({ inbound, outbound }) => inbound.route === route || outbound.route === route);
  }

  /** A process was stopped, or continues: heartbeats will detect it. */
  paused(process: Process): void {
    this.#watch((end) => end.process === process || end.other?.process === process);
  }

  /** A process was killed: its kernel ends its connections. */
  died(process: Process): void {
    const unwrittenSince = this.#timeline.now - this.#chance.between(0, LONGEST_UNWRITTEN_MS);
    for (const end of [...this.#ends, ...this.#lingering]) {
      if (end.process === process) end.die(unwrittenSince);
    }
    for (const [endpoint, { router }] of this.#listening) {
      if (router.process === process) this.#listening.delete(endpoint);
    }
  }

  /** Whether the latest connection of that process to that server was lost or refused. */
  hasLost(process: Process, server: string): boolean {
    return this.#latest.get(`${process.name}>${server}`)?.isOver ?? false;
  }

  /** When a connection of that process last ended, whoever ended it. */
  endedLastAt(process: Process): number {
    return this.#endedLastAt.get(process) ?? -Infinity;
  }

  /** When a connection between them last ended, as the client saw it. */
  endedLastBetween(client: Process, server: Process): number {
    return this.#endedLastBetween.get(`${client.name}>${server.name}`) ?? -Infinity;
  }

  connectionsOf(process: Process): number {
    let count = 0;
    for (const end of this.#ends) if (end.process === process) count++;
    return count;
  }

  /** A middlebox ends the connections between these hosts. */
  reset(client: string, server: string): void {
    for (const end of this.#ends) {
      const { host } = end.process;
      const other = end.other?.process.host;
      if ((host === client && other === server) || (host === server && other === client)) {
        end.lose('the connection was reset');
      }
    }
  }

  #connect(program: Program, endpoint: string, listener: ConnectionListener): SimulatedDealer {
    const { process, engine } = program;
    const { host } = process;
    const server = hostOf(endpoint);
    this.#options.traffic.connecting(process, server);
    let accepted: End | undefined;
    const up: Pipe = new Pipe(this.route(host, server), this.#timeline, (parcel) => {
      if (parcel.type === 'open') accepted = this.#accept(endpoint, up, down, dealer.end);
      accepted?.arrived(parcel);
    });
    const down: Pipe = new Pipe(this.route(server, host), this.#timeline, (parcel) =>
      dealer.end.arrived(parcel),
    );
    // libzmq drops what waits in a client's socket when its connection ends, unless it was read just before.
    const dropsUnread = () => engine === 'libzmq' && this.#chance.isTrue(0.5);
    const dealer = new SimulatedDealer(process, listener, this.#timeline, dropsUnread, (hears) =>
      this.#end(program, true, { inbound: down, outbound: up }, hears),
    );
    this.#latest.set(`${process.name}>${server}`, dealer.end);
    up.send({ type: 'open' });
    return dealer;
  }

  #accept(endpoint: string, up: Pipe, down: Pipe, client: End): End | undefined {
    const listening = this.#listening.get(endpoint);
    if (!listening) {
      down.send({ type: 'refuse' });
      return undefined;
    }
    const { router, program } = listening;
    const end = router.admit((hears) =>
      this.#end(program, false, { inbound: up, outbound: down }, hears),
    );
    end.other = client;
    client.other = end;
    this.#heartbeats.watch(end);
    this.#heartbeats.watch(client);
    return end;
  }

  #end(
    program: Program,
    isClient: boolean,
    pipes: { inbound: Pipe; outbound: Pipe },
    listener: EndListener,
  ): End {
    const { process } = program;
    const { traffic } = this.#options;
    const ended = (over: End) => {
      this.#ends.delete(over);
      this.#lingering.add(over);
      this.#timeline.in(LONGEST_UNWRITTEN_MS, () => this.#lingering.delete(over));
      this.#endedLastAt.set(process, this.#timeline.now);
      const { other } = over;
      if (!other) return;
      this.#endedLastBetween.set(`${process.name}>${other.process.name}`, this.#timeline.now);
    };
    const end = new End(
      { ...program, isClient, ...pipes, timeline: this.#timeline, traffic, ended },
      listener,
    );
    this.#ends.add(end);
    return end;
  }

  #bind(program: Program, endpoints: readonly string[], listener: ServerListener): ServerSocket {
    const { process, engine } = program;
    const taken = endpoints.find((endpoint) => this.#listening.has(endpoint));
    if (taken) throw inUse(taken);
    const router = new SimulatedRouter(endpoints, {
      process,
      timeline: this.#timeline,
      listener,
      engine,
      sendQueue: this.#options.sendQueue,
      delivering: (sentAt) => {
        this.hearsWhatWasSentAt = sentAt;
      },
      unbind: () => endpoints.forEach((endpoint) => this.#listening.delete(endpoint)),
    });
    for (const endpoint of endpoints) this.#listening.set(endpoint, { router, program });
    return router;
  }

  #watch(concerns: (end: End) => boolean): void {
    for (const end of this.#ends) if (concerns(end)) this.#heartbeats.watch(end);
  }
}

/** Messages younger than this, in ms, may be unwritten when a process is killed. */
const LONGEST_UNWRITTEN_MS = 2;

function inUse(address: string): BindError {
  const text = `cannot bind ${address}: Address already in use`;
  return Object.assign(new Error(text), { code: 'EADDRINUSE', address });
}
