import { afterEach, beforeEach, expect } from 'vitest';
import type { Harness, Place } from './harness.js';
import { nesting, TestClient, TestServer } from './peers.js';

/** The servers and clients of one test, on a network of their own. */
export class Bench {
  readonly #harness: Harness;
  #place: Place | undefined;
  #servers: TestServer[] = [];
  #clients: TestClient[] = [];

  constructor(harness: Harness) {
    this.#harness = harness;
    beforeEach(async () => {
      this.#place = await harness.open();
    });
    afterEach(async () => {
      for (const client of this.#clients.splice(0)) client.close();
      await Promise.all(this.#servers.splice(0).map((server) => this.freed(server)));
      await this.#place?.tearDown();
      expect(nesting.nested.splice(0)).toEqual([]);
    });
  }

  get place(): Place {
    if (!this.#place) throw new Error('the test has not begun');
    return this.#place;
  }

  async serve(
    hooks: Partial<TestServer> = {},
    addresses: readonly string[] = [this.place.newAddress()],
  ): Promise<TestServer> {
    const server = await TestServer.bind(this.place.servers, addresses, hooks);
    this.#servers.push(server);
    return server;
  }

  /** A client of that server, or of that endpoint, in a process of its own. */
  connect(to: TestServer | string, hooks: Partial<TestClient> = {}): TestClient {
    const endpoint = typeof to === 'string' ? to : to.endpoint;
    const client = new TestClient(this.place.newClient(), endpoint, hooks);
    this.#clients.push(client);
    return client;
  }

  async connected(to: TestServer, hooks: Partial<TestClient> = {}): Promise<TestClient> {
    const client = this.connect(to, hooks);
    await this.until(() => expect(client.events[0]).toBe('ready'));
    return client;
  }

  /** A server, and a client of it that it has heard: `peer` is what it calls it. */
  async pair(hooks: Partial<TestServer> = {}, clientHooks: Partial<TestClient> = {}) {
    const server = await this.serve(hooks);
    const client = await this.connected(server, clientHooks);
    const peer = await this.introduce(client, server);
    return { server, client, peer };
  }

  /** What the server calls that client. */
  async introduce(client: TestClient, server: TestServer): Promise<string> {
    client.send(HELLO);
    await this.until(() => expect(server.texts).toContain(HELLO));
    const peer = server.heard.find(({ text }) => text === HELLO)?.peer ?? 'nobody';
    server.heard.length = 0;
    server.events.length = 0;
    return peer;
  }

  /** Closes it, and waits until its addresses are free. */
  async freed(server: TestServer): Promise<void> {
    let isFree = false;
    void server.close().then(() => (isFree = true));
    await this.until(() => expect(isFree).toBe(true));
  }

  /** Until the client has heard that it is lost; at once where nobody is told. */
  async untilLost(client: TestClient): Promise<void> {
    if (this.#harness.traits.tellsEnds) await this.until(() => expect(client.isLost).toBe(true));
  }

  /** Until the server has heard that it has lost so many; at once where nobody is told whom. */
  async untilLostBy(server: TestServer, count: number): Promise<void> {
    if (!this.#harness.traits.namesTheLost) return;
    await this.until(() => expect(server.lost).toHaveLength(count));
  }

  until(check: () => void): Promise<void> {
    return this.place.until(check);
  }
}

const HELLO = 'hello';
