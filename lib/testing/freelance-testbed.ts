import type { Contract } from '../contract/contract.js';
import { type ContractClient, contractClient } from '../contract/contract-client.js';
import { FreelanceError } from '../core/freelance-error.js';
import { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import { badOptions } from '../nest/options/bad-options.js';
import { shown } from '../nest/options/shown.js';
import { sharedValue } from '../shared-value.js';
import { type FreelanceTestbedOptions, resolveTestbedOptions } from './testbed-options.js';
import { TestbedServer } from './testbed-server.js';
import { nextTurn } from './time/event-loop.js';
import type { TestbedClock } from './time/testbed-clock.js';
import { realTime, type TestbedTime, virtualTime } from './time/testbed-time.js';

/**
 * Servers of one service and a client of them, in the process of the test: no port, no network, and each server may fail as the
 * test wishes.
 *
 * ```ts
 * const bed = await FreelanceTestbed.create({ servers: 3, module: OrdersModule });
 * bed.server(1).kill();
 * expect(await firstValueFrom(bed.client.send('orders.place', order))).toEqual(receipt);
 * await bed.close();
 * ```
 */
export class FreelanceTestbed {
  /** Connected to all servers. */
  readonly client: FreelanceClientProxy;
  /** The addresses of the servers, for further clients in this process: they meet the same faults, but live in real time. */
  readonly endpoints: readonly string[];
  /** The time of the testbed: virtual time passes only by `clock.advance(ms)`. */
  readonly clock: TestbedClock;
  readonly #time: TestbedTime;
  readonly #servers: readonly TestbedServer[];
  #isClosed = false;
  #closing: Promise<void> | undefined;

  private constructor(
    client: FreelanceClientProxy,
    servers: readonly TestbedServer[],
    time: TestbedTime,
  ) {
    this.client = client;
    this.endpoints = servers.map(({ endpoint }) => endpoint);
    this.clock = time.clock;
    this.#servers = servers;
    this.#time = time;
  }

  /**
   * Starts the servers, one after the other, and connects the client.
   *
   * @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value
   * @throws what an application fails with, or `client.connect()`; what was started until then is closed
   */
  static async create(options: FreelanceTestbedOptions): Promise<FreelanceTestbed> {
    const { servers: count, isVirtual, createApp, client, server } = resolveTestbedOptions(options);
    const time = isVirtual ? virtualTime() : realTime();
    const name = nextName();
    const servers = Array.from({ length: count }, (_, i) => {
      const number = i + 1;
      const serverId = `server-${number}`;
      const endpoint = `inproc://${name}.${serverId}`;
      return new TestbedServer({ number, serverId, endpoint, server, createApp, time });
    });
    const endpoints = servers.map(({ endpoint }) => endpoint);
    const { environment, sockets } = time;
    const socketsOf = () => {
      // A late call would open the client again, which nobody closes then.
      if (bed.#isClosed) throw new FreelanceError('CLOSED', CLOSED);
      return sockets;
    };
    const proxy = new FreelanceClientProxy({ ...client, endpoints }, { environment, socketsOf });
    const bed = new FreelanceTestbed(proxy, servers, time);
    try {
      await bed.#start();
    } catch (error) {
      await bed.close().catch(() => {});
      throw error;
    }
    return bed;
  }

  /**
   * One of the servers, to kill it, freeze it, cut it off, or restart it.
   *
   * @param number from 1
   * @throws FreelanceError `BAD_OPTIONS` if there is no such server
   */
  server(number: number): TestbedServer {
    const server = this.#servers.find((each) => each.number === number);
    if (server) return server;
    const range = this.#servers.length === 1 ? '1 alone' : `1 to ${this.#servers.length}`;
    throw badOptions(
      `server(${shown(number)}): the servers of this testbed have the numbers ${range}`,
    );
  }

  /**
   * The calls of a contract, made by `client`.
   *
   * @param contract as `contract` of `nestjs-freelance/contract` returns it
   * @throws FreelanceError `BAD_OPTIONS` if that is no contract
   */
  contract<Of extends Contract>(contract: Of): ContractClient<Of> {
    return contractClient(contract, this.client);
  }

  /**
   * Closes the client and all applications, in whatever state their servers are: open calls fail, nothing is drained. May be
   * called any number of times.
   *
   * @throws what hooks of applications throw, once all else is closed
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    for (const server of this.#servers) await server.restart();
    await this.#time.passUntil(this.client.connect());
    await this.#otherServers();
  }

  /** The client is connected once it has one server. The others are as near, unless they are not ready. */
  async #otherServers(): Promise<void> {
    for (let turn = 0; turn < TURNS_TO_CONNECT && this.#isConnecting; turn++) await nextTurn();
  }

  get #isConnecting(): boolean {
    const { endpoints } = this.client.stats();
    return Object.values(endpoints).some(({ state }) => state === 'connecting');
  }

  async #close(): Promise<void> {
    // First: whoever hears that a call has failed may call again.
    this.#isClosed = true;
    this.client.close();
    const ends = await Promise.allSettled(this.#servers.map((server) => server.end()));
    this.#time.stop();
    const failures = ends.flatMap((end): unknown[] =>
      end.status === 'rejected' ? [end.reason] : [],
    );
    if (failures.length > 1) throw new AggregateError(failures, SEVERAL_FAILED);
    if (failures.length > 0) throw failures[0];
  }
}

/** Many more than a connection takes. */
const TURNS_TO_CONNECT = 100;

const CLOSED =
  'This testbed is closed, and its client makes no more calls. Does the test await all calls before bed.close()?';

const SEVERAL_FAILED = 'The applications of several servers failed to close: see errors.';

/** Unique in this thread, as names of `inproc://` have to be: all copies of this library share them. */
function nextName(): string {
  const made = sharedValue('testbeds', () => ({ count: 0 }));
  made.count++;
  return `testbed-${made.count}`;
}
